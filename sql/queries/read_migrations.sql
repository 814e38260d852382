-- What has been applied. Only asked when read_schema found the table.
select number, name, sha256
  from abate.schema_migration
 order by number;
