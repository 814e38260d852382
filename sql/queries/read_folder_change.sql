select file, line, column_name, was, becomes from abate.folder_change();
