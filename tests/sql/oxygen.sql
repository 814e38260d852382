-- Oxygen conversion: HJ 212-2017, appendix D, formula (28): C * (21 - reference) / (21 - oxygen).
begin;
select plan(13);

select is(abate.convert_oxygen(value, oxygen, reference, undefined), expected, name)
  from (values
    ('a coal boiler, reference 6 %: 10 x 15 / 10', 10::float8, 11::float8, 6::float8, 21::float8, 15::float8),
    ('oxygen is the reference: as measured', 34.5, 6, 6, 21, 34.5),
    ('less oxygen than the reference: 30 x 15 / 18', 30, 3, 6, 21, 25),
    ('a ceramic kiln, 18 %: 7 x 3 / 2.1', 7, 18.9, 18, 21, 10),
    ('idle at 20.5 %, reference 16: ten times', 5, 20.5, 16, 21, 50),
    ('20.9 %: 1 x 15 / 0.1', 1, 20.9, 6, 21, 150),
    ('21 %: undefined', 1, 21, 6, 21, null),
    ('past 21 %: undefined, not negative', 1, 21.4, 6, 21, null),
    ('a lower bound of what is undefined', 1, 20, 6, 20, null),
    ('a higher one does not divide by nothing', 1, 21, 6, 22, null),
    ('no oxygen known', 1, null, 6, 21, null),
    ('no reference: nothing to convert to', 1, 11, null, 21, null),
    ('7 x 15 / (21 - 18.9) is 50, not a hair more', 7, 18.9, 6, 21, 50)
  ) c (name, value, oxygen, reference, undefined, expected);

select * from finish();
rollback;
