-- Words from outside, before they go into a message.

set local role abate_owner;

create or replace function abate.plain_text(said text) returns text
language sql immutable parallel safe
return btrim(regexp_replace(said, E'[\\x01-\\x20\\x7f-\\x9f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb]+', ' ', 'g'));
comment on function abate.plain_text is
    'A text as one line: control characters, line and paragraph breaks, and what is invisible or turns the direction of writing become a blank.';
grant execute on function abate.plain_text to abate_writer, abate_reader;
