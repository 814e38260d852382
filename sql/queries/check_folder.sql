select file, line, column_name, message from abate.check_folder();
