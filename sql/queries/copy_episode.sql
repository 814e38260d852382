copy pg_temp.incoming_episode (limit_id, series_id, opened, closed, worst, worst_at, last_at, count,
                               journal_id, first_position, worst_position, last_position)
    from stdin (format binary);
