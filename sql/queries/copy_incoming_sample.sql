copy pg_temp.incoming_sample (feed_id, journal_id, at, position, value, mark) from stdin (format binary);
