select plan_code, version, is_new, commitments, file, added, changed, same, gone from abate.take_folder();
