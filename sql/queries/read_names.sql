-- What payloads may call parameters besides their codes.
select a.alias as name, a.parameter_code
  from abate.parameter_alias a
 union
select n.name, p.parameter_code
  from abate.parameter p
 cross join lateral (values (p.name_zh), (p.name_en)) n (name)
 where n.name is not null;
