-- One line each, as a person reads it.
select file || coalesce(':' || line, '') || ': ' || coalesce('column "' || column_name || '": ', '') || message
  from abate.check_folder();
