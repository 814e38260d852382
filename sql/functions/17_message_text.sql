-- Filling in: templates with holes, numbers as people write them, and short messages that fit.
--
-- A template is read once, from left to right; what a value says is put in and never read again. So a plant that calls
-- itself {number}, or has a line break in its name, changes nothing but its own name.

set local role abate_owner;

create or replace function abate.number_text(value float8) returns text
language sql immutable parallel safe
return case when value is null or value in ('NaN', 'Infinity', '-Infinity') then value::text
            when abs(value) >= 1e15 or (value <> 0 and abs(value) < 1e-6) then btrim(to_char(value, '9.99EEEE'))
            else trim_scale(round(value::numeric, case when abs(value) >= 1000 then 1 when abs(value) >= 1 then 2
                                                       when abs(value) >= 0.001 then 4 else 8 end))::text end;
comment on function abate.number_text is 'A number as people write it: no more places than matter, and no power of ten unless it must be.';

create or replace function abate.time_text(at timestamptz, utc_offset interval, pattern text) returns text
language sql stable
return case when isfinite(at) then to_char(at at time zone 'UTC' + utc_offset, pattern) end;
comment on function abate.time_text is 'An instant by a clock so far ahead of UTC; null for an infinity.';

create or replace function abate.fill_line(line text, vals jsonb, out filled text, out holes int, out said int)
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
    parts constant text[] := string_to_array(line, '{');
    ends  int;
    put   text;
begin
    filled := coalesce(parts[1], '');
    holes := 0;
    said := 0;
    for i in 2 .. coalesce(cardinality(parts), 0) loop
        ends := position('}' in parts[i]);
        if ends > 1 and left(parts[i], ends - 1) ~ '^[a-z0-9_]+$' then
            put := coalesce(vals ->> left(parts[i], ends - 1), '');
            holes := holes + 1;
            said := said + (put <> '')::int;
            filled := filled || put || substr(parts[i], ends + 1);
        else
            filled := filled || '{' || parts[i];
        end if;
    end loop;
end
$$;
comment on function abate.fill_line is 'A line with its holes {name} filled; how many holes it had, and how many of them got something.';

create or replace function abate.fill_template(template text, vals jsonb) returns text
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
    line record;
    told text;
begin
    for line in
        select f.filled
          from string_to_table(template, E'\n') with ordinality w (line, n)
         cross join lateral abate.fill_line(w.line, vals) f
         where f.holes = 0 or f.said > 0
         order by w.n
    loop
        told := case when told is null then line.filled else told || E'\n' || line.filled end;
    end loop;
    return told;
end
$$;
comment on function abate.fill_template is 'A template filled in; a line of which nothing was known is left out.';

create or replace function abate.sms_excess(said text) returns int
language sql immutable parallel safe
return case when said ~ E'^[\\n\\r A-Za-z0-9@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"#¤%&''()*+,./:;<=>?¡ÄÖÑÜ§¿äöñüà^{}\\\\\\[~\\]|€-]*$'
            then length(said) + length(regexp_replace(said, E'[^\\^{}\\\\\\[~\\]|€]', '', 'g')) - 160
            else length(said) + length(regexp_replace(said, E'[\\u0001-\\uffff]', '', 'g')) - 70 end;
comment on function abate.sms_excess is
    'By how much a text is too long for one short message; 0 and below: it fits. 160 in the alphabet of GSM 03.38, where some signs count two; else 70 in UCS-2, where signs beyond the basic plane count two.';

create or replace function abate.fit_sms(forms text[], vals jsonb) returns text
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
    -- The least important first.
    cut constant text[] := array['reason', 'pointed', 'commitment', 'agency', 'subject_of', 'reading'];
    cuts jsonb := vals;
    said text;
    name text;
begin
    for i in 1 .. coalesce(cardinality(forms), 0) loop
        said := abate.plain_text((abate.fill_line(forms[i], vals)).filled);
        if abate.sms_excess(said) <= 0 then
            return said;
        end if;
    end loop;
    foreach name in array cut loop
        for n in reverse least(coalesce(length(vals ->> name), 0) - 1, 160) .. 6 loop
            cuts := jsonb_set(cuts, array[name], to_jsonb(left(vals ->> name, n) || '..'));
            said := abate.plain_text((abate.fill_line(forms[cardinality(forms)], cuts)).filled);
            if abate.sms_excess(said) <= 0 then
                return said;
            end if;
        end loop;
    end loop;
    -- What a template's own words are too long for.
    while abate.sms_excess(said) > 0 loop
        said := left(said, length(said) - 1);
    end loop;
    return said;
end
$$;
comment on function abate.fit_sms is
    'A short message that fits: the first form that does; else the last, with its longest-winded parts cut, the least important first.';
