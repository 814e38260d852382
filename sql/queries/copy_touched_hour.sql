copy abate.touched_hour (feed_id, hour) from stdin (format binary);
