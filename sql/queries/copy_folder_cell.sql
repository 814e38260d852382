copy pg_temp.incoming_cell (file, line, column_name, text, fault)
    from stdin (format binary);
