-- $1 begins, $2 ends (text), $3 author, $4 reason, and matchers that may be null: $5 plant, $6 monitor, $7 parameter,
-- $8 rule, $9 region; $10 silence or maintenance -> its number
select abate.silence_alerts($1::timestamptz, $2::timestamptz, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text,
                            $9::text, $10::text) as silence_id;
