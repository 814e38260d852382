-- The plants, monitors and series of the real sets. Names say what a plant is, not whose it is.
begin;

insert into abate.region (region_code, name_zh, name_en) values
    ('TR',    '土耳其',     'Türkiye'),
    ('KR',    '韩国',       'Korea'),
    ('ES-CT', '加泰罗尼亚', 'Catalonia'),
    ('ES-VC', '巴伦西亚',   'Valencia'),
    ('IT',    '意大利',     'Italy'),
    ('US-NY', '纽约州',     'State of New York');

insert into abate.sector (sector_code, name_zh, name_en) values
    ('power',   '发电',     'power generation'),
    ('steel',   '钢铁',     'iron and steel'),
    ('sewage',  '污水处理', 'sewage works'),
    ('water',   '供水',     'water supply'),
    ('ambient', '环境空气', 'ambient air');

insert into abate.plant (plant_code, name_zh, name_en, region_code, sector_code) values
    ('GT-TR',    '燃气轮机(土耳其西北部)',     'gas turbine, north-west Türkiye',        'TR',    'power'),
    ('STEEL-KR', '钢铁厂(韩国)',               'steel works, Korea',                     'KR',    'steel'),
    ('WWTP-BCN', '污水处理厂(巴塞罗那附近)',   'waste-water plant near Barcelona',       'ES-CT', 'sewage'),
    ('VOC-IT',   '路边监测站(意大利)',         'roadside site, Italy',                   'IT',    'ambient'),
    ('WATER-ES', '居民水表(阿利坎特)',         'household water meters, Alicante',       'ES-VC', 'water'),
    ('NY-6082',  '纽约州机组6082(煤)',         'Somerset, coal (ORIS 6082)',             'US-NY', 'power'),
    ('NY-2535',  '纽约州机组2535(煤)',         'Cayuga 1, coal (ORIS 2535)',             'US-NY', 'power'),
    ('NY-2539',  '纽约州机组2539(燃气)',       'Bethlehem Energy Center, gas (ORIS 2539)', 'US-NY', 'power'),
    ('NY-54547', '纽约州机组54547',            'Independence (ORIS 54547)',              'US-NY', 'power'),
    ('NY-55405', '纽约州机组55405',            'Athens 1 (ORIS 55405)',                  'US-NY', 'power'),
    ('NY-2625',  '纽约州机组2625',             'Bowline 1 (ORIS 2625)',                  'US-NY', 'power'),
    ('NY-2516',  '纽约州机组2516',             'Northport 4 (ORIS 2516)',                'US-NY', 'power'),
    ('NY-2493',  '纽约州机组2493',             'East River 1 (ORIS 2493)',               'US-NY', 'power'),
    ('NY-2500',  '纽约州机组2500(燃油)',       'Ravenswood ST 01, oil (ORIS 2500)',      'US-NY', 'power'),
    ('NY-8006',  '纽约州机组8006(燃油)',       'Roseton 1, oil (ORIS 8006)',             'US-NY', 'power');

-- A monitor's code is its plant's code and one word more.
insert into abate.monitor (monitor_code, plant_id, name_zh, name_en, medium, utc_offset)
select p.plant_code || '-' || m.word, p.plant_id, m.name_zh, m.name_en, m.medium, m.utc_offset::interval
  from (values
    ('GT-TR',    'STACK',     '烟囱',       'stack',                  'air',       '3 hours'),
    ('GT-TR',    'METER',     '发电量表',   'energy meter',           'energy',    '3 hours'),
    ('STEEL-KR', 'METER',     '总电表',     'main meters',            'energy',    '9 hours'),
    ('WWTP-BCN', 'INLET',     '进水口',     'inlet',                  'water',     '1 hour'),
    ('WWTP-BCN', 'PRIMARY',   '初沉池进口', 'before primary settler', 'process',   '1 hour'),
    ('WWTP-BCN', 'SECONDARY', '二沉池进口', 'before secondary settler', 'process', '1 hour'),
    ('WWTP-BCN', 'OUTLET',    '总排口',     'outlet',                 'water',     '1 hour'),
    ('VOC-IT',   'SITE',      '监测站',     'site',                   'air',       '1 hour')
  ) as m (plant_code, word, name_zh, name_en, medium, utc_offset)
  join abate.plant p using (plant_code)
union all
select 'WATER-ES-' || lpad(n::text, 2, '0'), plant_id, '水表' || n, 'meter ' || n, 'water_use', '1 hour'
  from abate.plant, generate_series(1, 10) n
 where plant_code = 'WATER-ES'
union all
select plant_code || '-UNIT', plant_id, '机组', 'generating unit', 'energy', '-5 hours'
  from abate.plant
 where plant_code like 'NY-%';

insert into abate.feed (monitor_id, period)
select monitor_id,
       case when plant_code = 'WATER-ES' then 'realtime'
            when plant_code = 'STEEL-KR' then 'minute'
            when plant_code = 'WWTP-BCN' then 'day'
            else 'hour' end
  from abate.monitor
  join abate.plant using (plant_id)
 where plant_code = any ('{GT-TR,STEEL-KR,WWTP-BCN,VOC-IT,WATER-ES}') or plant_code like 'NY-%';

insert into abate.series (feed_id, parameter_code, statistic, unit)
select f.feed_id, s.parameter_code, s.statistic, s.unit
  from (values
    (1, 'GT-TR-STACK', 'a21005', 'value', 'mg/m3'),
    (2, 'GT-TR-STACK', 'a21002', 'value', 'mg/m3'),
    (3, 'GT-TR-STACK', 'a01012', 'value', 'degC'),
    (1, 'GT-TR-METER', 'x_energy', 'value', 'MWh'),
    (1, 'STEEL-KR-METER', 'x_energy', 'value', 'kWh'),
    (2, 'STEEL-KR-METER', 'x_reactive_energy', 'Lagging', 'kvarh'),
    (3, 'STEEL-KR-METER', 'x_reactive_energy', 'Leading', 'kvarh'),
    (4, 'STEEL-KR-METER', 'x_co2', 'value', 't'),
    (5, 'STEEL-KR-METER', 'x_power_factor', 'Lagging', '%'),
    (6, 'STEEL-KR-METER', 'x_power_factor', 'Leading', '%'),
    (1, 'WWTP-BCN-INLET', 'w00000', 'value', 'm3/d'),
    (2, 'WWTP-BCN-INLET', 'w20123', 'value', 'mg/L'),
    (3, 'WWTP-BCN-%', 'w01001', 'value', '1'),
    (4, 'WWTP-BCN-%', 'w01017', 'value', 'mg/L'),
    (5, 'WWTP-BCN-INLET', 'w01018', 'value', 'mg/L'),
    (5, 'WWTP-BCN-SECONDARY', 'w01018', 'value', 'mg/L'),
    (5, 'WWTP-BCN-OUTLET', 'w01018', 'value', 'mg/L'),
    (6, 'WWTP-BCN-%', 'w01012', 'value', 'mg/L'),
    (7, 'WWTP-BCN-%', 'w01014', 'value', 'uS/cm'),
    (1, 'VOC-IT-SITE', 'a24088', 'value', 'ug/m3'),
    (2, 'VOC-IT-SITE', 'a25002', 'value', 'ug/m3'),
    (3, 'VOC-IT-SITE', 'a21005', 'value', 'mg/m3'),
    (4, 'VOC-IT-SITE', 'a21004', 'value', 'ug/m3'),
    (1, 'WATER-ES-%', 'x_water_register', 'value', 'm3'),
    (1, 'NY-%-UNIT', 'x_power', 'value', 'MW'),
    (2, 'NY-%-UNIT', 'x_heat_input', 'value', 'MMBtu')
  ) as s (place, monitors, parameter_code, statistic, unit)
  join abate.monitor m on m.monitor_code like s.monitors
  join abate.feed f using (monitor_id)
 order by f.feed_id, s.place;

commit;
