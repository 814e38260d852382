copy pg_temp.incoming_sample (feed_id, journal_id, at, position, value, mark, is_reissue) from stdin (format binary);
