copy pg_temp.incoming_statement (journal_id, position, arrived, broker, topic, agency, payload)
    from stdin (format binary);
