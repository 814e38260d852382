copy pg_temp.incoming_watch (limit_id, series_id, phase, last_at, since, worst, worst_at, count,
                             first_position, worst_position, last_position)
    from stdin (format binary);
