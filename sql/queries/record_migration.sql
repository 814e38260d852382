-- $1 number, $2 name, $3 sha256
insert into abate.schema_migration (number, name, sha256)
values ($1::int, $2::text, $3::text);
