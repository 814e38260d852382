-- $1 channels (an array) -> when the next delivery is due, in microseconds; null: none is waiting
select abate.microseconds(abate.next_delivery($1::text[])) as next_try;
