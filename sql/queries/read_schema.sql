-- The number of the last migration applied; no row if the schema is not there.
-- The table is named in a text, as a query that names it outright cannot be planned without it.
select substring(query_to_xml('select coalesce(max(number), 0) as number from abate.schema_migration',
                              false, true, '')::text from '<number>(\d+)</number>')::int as number
 where to_regclass('abate.schema_migration') is not null;
