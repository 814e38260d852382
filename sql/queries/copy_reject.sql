copy pg_temp.incoming_reject (journal_id, position, arrived, broker, topic, payload, reason, faults, kept, source)
    from stdin (format binary);
