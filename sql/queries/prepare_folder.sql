select abate.prepare_folder($1);
