copy abate.touched_hour (feed_id, hour, journal_id, broker) from stdin (format binary);
