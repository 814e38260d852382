-- Units and names: what a series is stored in and what its device sends; molar masses; what else a payload may call a
-- parameter; the rest of the factor codes; what each mark means.
--
-- A unit is left open where the standard's table has one that stations do not send (ng/m3 of ambient air), or where it
-- cannot be settled from the code (degrees of colour and dilution multiples; dustfall).

set local role abate_owner;

-- ---- units

alter table abate.series add sent_unit text check (sent_unit <> '');
comment on column abate.series.unit is
    'The unit its values are stored in: that of its parameter. Registered in another, it is set to that one, and what was said becomes sent_unit. (Series registered before that keep theirs; so do those of a parameter without a unit.) An emission limit holds only if it is written in the same.';
comment on column abate.series.sent_unit is
    'The unit its values come in when the message does not say, if it is another than unit; null: the same. It may change when the device does: what is stored stays as it is.';
comment on column abate.parameter.unit is
    'The unit its values are stored and judged in. What a device sends is in series.sent_unit: stations differ. Null: not certain, each series has its own.';

alter table abate.parameter
    add molar_mass float8 check (molar_mass > 0 and molar_mass < 'Infinity'),
    add molar_mass_source text,
    add constraint molar_mass_has_source check ((molar_mass is null) = (molar_mass_source is null));
comment on column abate.parameter.molar_mass is
    'In g/mol: with it and the threshold molar_volume a volume fraction (ppm, ppb, %) becomes a mass concentration. Null: not known, or a mixture that has none; it is not converted then.';

insert into abate.threshold (threshold_code, medium, value, unit, meaning, source) values
    ('molar_volume', 'air', 22.414, 'L/mol', 'a mole of gas in the state concentrations are referred to', 'ideal gas at 273.15 K and 101.325 kPa (CODATA 22.41397, rounded); the state: emission standards of stationary sources, as in HJ 212-2017, appendix D');

-- ---- parameters

insert into abate.parameter (parameter_code, name_zh, name_en, unit, quantity)
values
    -- water (table B.1)
    ('w01002', '色度', 'colour', null, 'colour'),
    ('w01006', '溶解性总固体', 'dissolved solids, total', 'mg/L', 'concentration'),
    ('w02006', '细菌总数', 'bacteria, total', '1/L', 'count'),
    ('w03001', '总 α 放射性', 'gross alpha activity', 'Bq/L', 'radioactivity'),
    ('w03002', '总 β 放射性', 'gross beta activity', 'Bq/L', 'radioactivity'),
    ('w19001', '表面活性剂', 'surfactants', 'mg/L', 'concentration'),
    ('w19002', '阴离子表面活性剂', 'surfactants, anionic', 'mg/L', 'concentration'),
    ('w20012', '钡', 'barium', 'mg/L', 'concentration'),
    ('w20023', '硼', 'boron', 'mg/L', 'concentration'),
    ('w20038', '钴', 'cobalt', 'mg/L', 'concentration'),
    ('w20061', '钼', 'molybdenum', 'mg/L', 'concentration'),
    ('w20089', '铊', 'thallium', 'ng/L', 'concentration'),
    ('w20092', '锡', 'tin', 'mg/L', 'concentration'),
    ('w20113', '烷基汞', 'alkyl mercury', 'ng/L', 'concentration'),
    ('w20124', '总锰', 'manganese, total', 'mg/L', 'concentration'),
    ('w20125', '总铁', 'iron, total', 'mg/L', 'concentration'),
    ('w20126', '总银', 'silver, total', 'mg/L', 'concentration'),
    ('w20127', '总铍', 'beryllium, total', 'ug/L', 'concentration'),
    ('w20128', '总硒', 'selenium, total', 'ug/L', 'concentration'),
    ('w20138', '铜', 'copper', 'mg/L', 'concentration'),
    ('w20139', '锌', 'zinc', 'mg/L', 'concentration'),
    ('w20140', '硒', 'selenium', 'mg/L', 'concentration'),
    ('w20141', '砷', 'arsenic', 'mg/L', 'concentration'),
    ('w20142', '汞', 'mercury', 'ug/L', 'concentration'),
    ('w20143', '镉', 'cadmium', 'ug/L', 'concentration'),
    ('w20144', '铅', 'lead', 'mg/L', 'concentration'),
    ('w21004', '凯氏氮', 'Kjeldahl nitrogen', 'mg/L', 'concentration'),
    ('w21006', '亚硝酸盐', 'nitrite', 'mg/L', 'concentration'),
    ('w21007', '硝酸盐', 'nitrate', 'mg/L', 'concentration'),
    ('w21022', '氯化物', 'chloride', 'mg/L', 'concentration'),
    ('w21038', '硫酸盐', 'sulphate', 'mg/L', 'concentration'),
    ('w25043', '苯并[α]芘', 'benzo[a]pyrene', 'ug/L', 'concentration'),
    ('w33001', '六六六', 'hexachlorocyclohexane', 'ng/L', 'concentration'),
    ('w33007', '滴滴涕', 'DDT', 'ng/L', 'concentration'),
    ('w99001', '有机氮', 'organic nitrogen', 'mg/L', 'concentration'),
    -- air (table B.2)
    ('a01001', '温度', 'temperature', 'degC', 'temperature'),
    ('a01002', '湿度', 'humidity', '%', 'humidity'),
    ('a01006', '气压', 'air pressure', 'kPa', 'pressure'),
    ('a01007', '风速', 'wind speed', 'm/s', 'velocity'),
    ('a01008', '风向', 'wind direction', 'deg', 'direction'),
    ('a05008', '三氯一氟甲烷', 'trichlorofluoromethane', 'mg/m3', 'concentration'),
    ('a05009', '二氯二氟甲烷', 'dichlorodifluoromethane', 'mg/m3', 'concentration'),
    ('a05013', '三氯三氟乙烷', 'trichlorotrifluoroethane', 'mg/m3', 'concentration'),
    ('a20007', '砷', 'arsenic', null, 'concentration'),
    ('a20016', '铍及其化合物', 'beryllium and its compounds', 'mg/m3', 'concentration'),
    ('a20025', '镉及其化合物', 'cadmium and its compounds', 'mg/m3', 'concentration'),
    ('a20026', '镉', 'cadmium', null, 'concentration'),
    ('a20043', '铅及其化合物', 'lead and its compounds', 'mg/m3', 'concentration'),
    ('a20044', '铅', 'lead', null, 'concentration'),
    ('a20058', '汞', 'mercury', null, 'concentration'),
    ('a20063', '镍及其化合物', 'nickel and its compounds', 'mg/m3', 'concentration'),
    ('a20091', '锡及其化合物', 'tin and its compounds', 'mg/m3', 'concentration'),
    ('a21017', '氰化物', 'cyanides', 'mg/m3', 'concentration'),
    ('a23001', '酚类', 'phenols', 'mg/m3', 'concentration'),
    ('a24003', '二氯甲烷', 'dichloromethane', 'mg/m3', 'concentration'),
    ('a24004', '三氯甲烷', 'trichloromethane', 'mg/m3', 'concentration'),
    ('a24005', '四氯甲烷', 'tetrachloromethane', 'mg/m3', 'concentration'),
    ('a24006', '二溴一氯甲烷', 'dibromochloromethane', 'mg/m3', 'concentration'),
    ('a24007', '一溴二氯甲烷', 'bromodichloromethane', 'mg/m3', 'concentration'),
    ('a24008', '溴甲烷', 'bromomethane', 'mg/m3', 'concentration'),
    ('a24009', '三溴甲烷', 'tribromomethane', 'mg/m3', 'concentration'),
    ('a24015', '氯乙烷', 'chloroethane', 'mg/m3', 'concentration'),
    ('a24016', '1,1-二氯乙烷', '1,1-dichloroethane', 'mg/m3', 'concentration'),
    ('a24017', '1,2-二氯乙烷', '1,2-dichloroethane', 'mg/m3', 'concentration'),
    ('a24018', '1,1,1-三氯乙烷', '1,1,1-trichloroethane', 'mg/m3', 'concentration'),
    ('a24019', '1,1,2-三氯乙烷', '1,1,2-trichloroethane', 'mg/m3', 'concentration'),
    ('a24020', '1,1,2,2-四氯乙烷', '1,1,2,2-tetrachloroethane', 'mg/m3', 'concentration'),
    ('a24027', '1,2-二氯丙烷', '1,2-dichloropropane', 'mg/m3', 'concentration'),
    ('a24034', '1,2-二溴乙烷', '1,2-dibromoethane', 'mg/m3', 'concentration'),
    ('a24036', '环己烷', 'cyclohexane', 'mg/m3', 'concentration'),
    ('a24042', '正己烷', 'n-hexane', 'mg/m3', 'concentration'),
    ('a24043', '正庚烷', 'n-heptane', 'mg/m3', 'concentration'),
    ('a24046', '氯乙烯', 'vinyl chloride', 'mg/m3', 'concentration'),
    ('a24047', '1,1-二氯乙烯', '1,1-dichloroethene', 'mg/m3', 'concentration'),
    ('a24049', '三氯乙烯', 'trichloroethene', 'mg/m3', 'concentration'),
    ('a24050', '四氯乙烯', 'tetrachloroethene', 'mg/m3', 'concentration'),
    ('a24053', '丙烯', 'propene', 'mg/m3', 'concentration'),
    ('a24054', '1,3-二氯丙烯', '1,3-dichloropropene', 'mg/m3', 'concentration'),
    ('a24072', '1,4-二恶烷', '1,4-dioxane', 'mg/m3', 'concentration'),
    ('a24078', '1,3-丁二烯', '1,3-butadiene', 'mg/m3', 'concentration'),
    ('a24099', '氯甲烷', 'chloromethane', 'mg/m3', 'concentration'),
    ('a24110', '反式-1,2-二氯乙烯', 'trans-1,2-dichloroethene', 'mg/m3', 'concentration'),
    ('a24111', '顺式-1,2-二氯乙烯', 'cis-1,2-dichloroethene', 'mg/m3', 'concentration'),
    ('a24112', '反式-1,3-二氯丙烯', 'trans-1,3-dichloropropene', 'mg/m3', 'concentration'),
    ('a24113', '六氯-1,3-丁二烯', 'hexachloro-1,3-butadiene', 'mg/m3', 'concentration'),
    ('a25004', '乙苯', 'ethylbenzene', 'mg/m3', 'concentration'),
    ('a25006', '1,2-二甲基苯', 'o-xylene', 'mg/m3', 'concentration'),
    ('a25007', '1,3-二甲基苯', 'm-xylene', 'mg/m3', 'concentration'),
    ('a25008', '1,4-二甲基苯', 'p-xylene', 'mg/m3', 'concentration'),
    ('a25010', '氯苯', 'chlorobenzene', 'mg/m3', 'concentration'),
    ('a25011', '1,2-二氯苯', '1,2-dichlorobenzene', 'mg/m3', 'concentration'),
    ('a25012', '1,3-二氯苯', '1,3-dichlorobenzene', 'mg/m3', 'concentration'),
    ('a25013', '1,4-二氯苯', '1,4-dichlorobenzene', 'mg/m3', 'concentration'),
    ('a25014', '1-乙基-4-甲基苯', '1-ethyl-4-methylbenzene', 'mg/m3', 'concentration'),
    ('a25015', '1,2,4-三氯苯', '1,2,4-trichlorobenzene', 'mg/m3', 'concentration'),
    ('a25019', '1,2,4-三甲基苯', '1,2,4-trimethylbenzene', 'mg/m3', 'concentration'),
    ('a25020', '1,2,3-三甲基苯', '1,2,3-trimethylbenzene', 'mg/m3', 'concentration'),
    ('a25021', '1,3,5-三甲基苯', '1,3,5-trimethylbenzene', 'mg/m3', 'concentration'),
    ('a25023', '硝基苯', 'nitrobenzene', 'mg/m3', 'concentration'),
    ('a25038', '乙烯基苯', 'styrene', 'mg/m3', 'concentration'),
    ('a25072', '四氢呋喃', 'tetrahydrofuran', 'mg/m3', 'concentration'),
    ('a26001', '苯胺类', 'anilines', 'mg/m3', 'concentration'),
    ('a29017', '乙酸乙酯', 'ethyl acetate', 'mg/m3', 'concentration'),
    ('a29026', '乙酸乙烯酯', 'vinyl acetate', 'mg/m3', 'concentration'),
    ('a30001', '甲醇', 'methanol', 'mg/m3', 'concentration'),
    ('a30008', '异丙醇', 'isopropanol', 'mg/m3', 'concentration'),
    ('a30022', '硫醇', 'mercaptans', 'mg/m3', 'concentration'),
    ('a31001', '甲醛', 'formaldehyde', 'mg/m3', 'concentration'),
    ('a31002', '乙醛', 'acetaldehyde', 'mg/m3', 'concentration'),
    ('a31024', '丙酮', 'acetone', 'mg/m3', 'concentration'),
    ('a31025', '2-丁酮', '2-butanone', 'mg/m3', 'concentration'),
    ('a31030', '甲基异丁基甲酮', 'methyl isobutyl ketone', 'mg/m3', 'concentration'),
    ('a34005', '亚微米颗粒物PM1.0', 'PM1.0', null, 'concentration'),
    ('a34011', '降尘', 'dustfall', null, 'deposition'),
    ('a34017', '炭黑尘', 'carbon black dust', 'mg/m3', 'concentration'),
    ('a34040', '铬酸雾', 'chromic acid mist', 'mg/m3', 'concentration'),
    ('a99010', '丙烯腈', 'acrylonitrile', 'mg/m3', 'concentration'),
    ('a99049', '光气', 'phosgene', 'mg/m3', 'concentration'),
    ('a99051', '二硫化碳', 'carbon disulphide', 'mg/m3', 'concentration'),
    -- noise (table B.3)
    ('LA', 'A 权声级', 'sound level, A-weighted', 'dB', 'sound level'),
    ('L5', '累计百分声级 L5', 'sound level exceeded in 5 % of the time', 'dB', 'sound level'),
    ('L10', '累计百分声级 L10', 'sound level exceeded in 10 % of the time', 'dB', 'sound level'),
    ('L50', '累计百分声级 L50', 'sound level exceeded in 50 % of the time', 'dB', 'sound level'),
    ('L90', '累计百分声级 L90', 'sound level exceeded in 90 % of the time', 'dB', 'sound level'),
    ('L95', '累计百分声级 L95', 'sound level exceeded in 95 % of the time', 'dB', 'sound level'),
    ('Leq', '等效声级', 'equivalent sound level', 'dB', 'sound level'),
    ('Ldn', '昼夜等效声级', 'equivalent sound level of day and night', 'dB', 'sound level'),
    ('Ld', '昼间等效声级', 'equivalent sound level of the day', 'dB', 'sound level'),
    ('Ln', '夜间等效声级', 'equivalent sound level of the night', 'dB', 'sound level'),
    ('LMx', '最大的瞬时声级', 'highest momentary sound level', 'dB', 'sound level'),
    ('LMn', '最小的瞬时声级', 'lowest momentary sound level', 'dB', 'sound level')
on conflict (parameter_code) do nothing;

insert into abate.parameter (parameter_code, name_zh, name_en, unit, quantity)
values
    -- a fuel's scales and meters: each fuel has its own unit, by which its energy is counted
    ('x_fuel',          '燃料用量',     'fuel of the interval',      null, 'fuel'),
    ('x_fuel_register', '累计燃料用量', 'fuel, cumulative register', null, 'fuel')
on conflict (parameter_code) do nothing;

update abate.parameter p
   set molar_mass = m.mass, molar_mass_source = 'standard atomic weights, abridged (IUPAC 2021), of ' || m.formula
           || case p.parameter_code when 'a21002' then ': nitrogen oxides count as nitrogen dioxide' else '' end
  from (values
    ('a05001', 'CO2', 44.009), ('a05002', 'CH4', 16.043), ('a05008', 'CCl3F', 137.359),
    ('a05009', 'CCl2F2', 120.907), ('a05013', 'C2Cl3F3', 187.366), ('a05024', 'O3', 47.997),
    ('a19001', 'O2', 31.998), ('a21001', 'NH3', 17.031), ('a21002', 'NO2', 46.005), ('a21003', 'NO', 30.006),
    ('a21004', 'NO2', 46.005), ('a21005', 'CO', 28.01), ('a21022', 'Cl2', 70.9), ('a21024', 'HCl', 36.458),
    ('a21026', 'SO2', 64.058), ('a21028', 'H2S', 34.076), ('a24003', 'CH2Cl2', 84.927),
    ('a24004', 'CHCl3', 119.369), ('a24005', 'CCl4', 153.811), ('a24006', 'CHBr2Cl', 208.277),
    ('a24007', 'CHBrCl2', 163.823), ('a24008', 'CH3Br', 94.939), ('a24009', 'CHBr3', 252.731),
    ('a24015', 'C2H5Cl', 64.512), ('a24016', 'C2H4Cl2', 98.954), ('a24017', 'C2H4Cl2', 98.954),
    ('a24018', 'C2H3Cl3', 133.396), ('a24019', 'C2H3Cl3', 133.396), ('a24020', 'C2H2Cl4', 167.838),
    ('a24027', 'C3H6Cl2', 112.981), ('a24034', 'C2H4Br2', 187.862), ('a24036', 'C6H12', 84.162),
    ('a24042', 'C6H14', 86.178), ('a24043', 'C7H16', 100.205), ('a24046', 'C2H3Cl', 62.496),
    ('a24047', 'C2H2Cl2', 96.938), ('a24049', 'C2HCl3', 131.38), ('a24050', 'C2Cl4', 165.822),
    ('a24053', 'C3H6', 42.081), ('a24054', 'C3H4Cl2', 110.965), ('a24072', 'C4H8O2', 88.106),
    ('a24078', 'C4H6', 54.092), ('a24099', 'CH3Cl', 50.485), ('a24110', 'C2H2Cl2', 96.938),
    ('a24111', 'C2H2Cl2', 96.938), ('a24112', 'C3H4Cl2', 110.965), ('a24113', 'C4Cl6', 260.744),
    ('a25002', 'C6H6', 78.114), ('a25003', 'C7H8', 92.141), ('a25004', 'C8H10', 106.168),
    ('a25005', 'C8H10', 106.168), ('a25006', 'C8H10', 106.168), ('a25007', 'C8H10', 106.168),
    ('a25008', 'C8H10', 106.168), ('a25010', 'C6H5Cl', 112.556), ('a25011', 'C6H4Cl2', 146.998),
    ('a25012', 'C6H4Cl2', 146.998), ('a25013', 'C6H4Cl2', 146.998), ('a25014', 'C9H12', 120.195),
    ('a25015', 'C6H3Cl3', 181.44), ('a25019', 'C9H12', 120.195), ('a25020', 'C9H12', 120.195),
    ('a25021', 'C9H12', 120.195), ('a25023', 'C6H5NO2', 123.111), ('a25038', 'C8H8', 104.152),
    ('a25072', 'C4H8O', 72.107), ('a29017', 'C4H8O2', 88.106), ('a29026', 'C4H6O2', 86.09),
    ('a30001', 'CH4O', 32.042), ('a30008', 'C3H8O', 60.096), ('a31001', 'CH2O', 30.026),
    ('a31002', 'C2H4O', 44.053), ('a31024', 'C3H6O', 58.08), ('a31025', 'C4H8O', 72.107),
    ('a31030', 'C6H12O', 100.161), ('a99010', 'C3H3N', 53.064), ('a99049', 'COCl2', 98.91),
    ('a99051', 'CS2', 76.131)
  ) m (code, formula, mass)
 where p.parameter_code = m.code;

-- ---- names

create table abate.parameter_alias (
    alias          text not null check (alias ~ '^[^[:cntrl:]]+$' and alias = btrim(alias) and octet_length(alias) <= 128),
    parameter_code text not null references abate.parameter,
    source         text not null check (source <> ''),
    primary key (alias, parameter_code)
);
comment on table abate.parameter_alias is
    'What a payload may call a parameter besides its code; name_zh and name_en of abate.parameter count without being here. Followed by "-" and a statistic it goes by as the code does. Small and capital letters of a to z are the same. One name may be of several parameters: the one that the feed has is meant; of two that it has, neither.';
comment on column abate.parameter_alias.source is 'Whose name it is: a standard, a supplier, a bureau.';
create index on abate.parameter_alias (parameter_code);

insert into abate.parameter_alias (alias, parameter_code, source)
select v.alias, v.code, 'HJ/T 212-2005'
  from (values
    ('B01', 'w00000'), ('001', 'w01001'), ('002', 'w01002'), ('003', 'w01012'), ('010', 'w01017'),
    ('011', 'w01018'), ('015', 'w01020'), ('550', 'w02003'), ('570', 'w03001'), ('571', 'w03002'),
    ('520', 'w19002'), ('039', 'w20012'), ('037', 'w20023'), ('040', 'w20038'), ('038', 'w20061'),
    ('041', 'w20089'), ('036', 'w20092'), ('020', 'w20111'), ('021', 'w20113'), ('022', 'w20115'),
    ('023', 'w20116'), ('024', 'w20117'), ('026', 'w20119'), ('027', 'w20120'), ('028', 'w20121'),
    ('029', 'w20122'), ('030', 'w20123'), ('031', 'w20124'), ('032', 'w20125'), ('033', 'w20126'),
    ('034', 'w20127'), ('035', 'w20128'), ('065', 'w21001'), ('060', 'w21003'), ('062', 'w21004'),
    ('063', 'w21006'), ('064', 'w21007'), ('101', 'w21011'), ('070', 'w21016'), ('072', 'w21017'),
    ('071', 'w21019'), ('090', 'w21022'), ('080', 'w22001'), ('110', 'w23002'), ('540', 'w25043'),
    ('350', 'w33001'), ('351', 'w33007'), ('061', 'w99001'), ('B02', 'a00000'), ('37', 'a01010'), ('S02', 'a01011'),
    ('S03', 'a01012'), ('S08', 'a01013'), ('S05', 'a01014'), ('S06', 'a01015'), ('S07', 'a01016'),
    ('S04', 'a01017'), ('30', 'a05001'), ('S01', 'a19001'), ('36', 'a20016'), ('33', 'a20025'), ('32', 'a20043'),
    ('31', 'a20057'), ('35', 'a20063'), ('34', 'a20091'), ('10', 'a21001'), ('03', 'a21002'), ('04', 'a21005'),
    ('07', 'a21017'), ('06', 'a21018'), ('11', 'a21022'), ('08', 'a21024'), ('02', 'a21026'), ('05', 'a21028'),
    ('27', 'a23001'), ('29', 'a24046'), ('25', 'a24087'), ('17', 'a25003'), ('18', 'a25005'), ('23', 'a25010'),
    ('22', 'a25023'), ('20', 'a25044'), ('21', 'a26001'), ('28', 'a30001'), ('13', 'a30022'), ('19', 'a31001'),
    ('26', 'a31002'), ('01', 'a34013'), ('09', 'a34038'), ('14', 'a34039'), ('15', 'a34040'), ('24', 'a99049'),
    ('12', 'a99051')
  ) v (alias, code);

insert into abate.parameter_alias (alias, parameter_code, source)
select v.alias, v.code, 'HJ 212-2017, appendix B, as written there'
  from (values
    ('pH 值', 'w01001'), ('氨（氨气）', 'a21001'), ('总悬浮颗粒物 TSP', 'a34001'), ('可吸入颗粒物PM10', 'a34002'),
    ('细微颗粒物 PM2.5', 'a34004')
  ) v (alias, code);

insert into abate.parameter_alias (alias, parameter_code, source)
select v.alias, v.code, 'usual'
  from (values
    ('SO2', 'a21026'), ('NOx', 'a21002'), ('NO', 'a21003'), ('NO2', 'a21004'), ('CO', 'a21005'), ('CO2', 'a05001'),
    ('O2', 'a19001'), ('O3', 'a05024'), ('NH3', 'a21001'), ('HCl', 'a21024'), ('Cl2', 'a21022'), ('H2S', 'a21028'),
    ('CH4', 'a05002'), ('NMHC', 'a24088'), ('TSP', 'a34001'), ('PM1', 'a34005'), ('颗粒物', 'a34013'), ('粉尘', 'a34013'),
    ('氨', 'a21001'), ('氨气', 'a21001'), ('氧含量', 'a19001'), ('含氧量', 'a19001'), ('烟气流量', 'a00000'),
    ('废气流量', 'a00000'), ('流量', 'a00000'), ('流速', 'a01011'), ('温度', 'a01012'), ('压力', 'a01013'), ('湿度', 'a01014'),
    ('COD', 'w01018'), ('CODCr', 'w01018'), ('CODMn', 'w01019'), ('BOD5', 'w01017'), ('TOC', 'w01020'), ('DO', 'w01009'),
    ('SS', 'w01012'), ('NH3-N', 'w21003'), ('TN', 'w21001'), ('TP', 'w21011'), ('流量', 'w00000'), ('污水流量', 'w00000'),
    ('废水流量', 'w00000'), ('温度', 'w01010')
  ) v (alias, code);

-- ---- marks

alter table abate.mark add meaning text, add source text;
comment on table abate.mark is
    'What one letter beside a reading says of it. Marks are kept as they came, known or not; the list may be added to.';
comment on column abate.mark.is_valid is
    'Whether a reading so marked counts as a measurement: only then is it held against limits, and goes into means. Marks not listed do not count. A mark without a value says that there is no reading, which is no error.';
comment on column abate.mark.meaning is 'What follows for the value beside it.';
comment on column abate.mark.source is 'Where the mark is from.';
update abate.mark m
   set meaning = v.meaning, source = 'HJ 212-2017, table 8'
  from (values
    ('N', 'the instrument measured as it should: the only mark under which a value counts'),
    ('F', 'the instrument did not run: a value, most often 0 or the last one, is no measurement'),
    ('M', 'the instrument was being maintained: a value may be of a test gas or standard solution'),
    ('S', 'a person typed it in: kept, and not taken for a measurement of the instrument'),
    ('D', 'the instrument is out of order, or too few of the values behind a mean were normal: a value, also 0, is no measurement'),
    ('C', 'the instrument was being calibrated: the value is of a test gas or standard solution'),
    ('T', 'more than the instrument can measure: the true value is higher by an unknown amount'),
    ('B', 'the logger did not hear from the analyser: a value is an old or an invented one')
  ) v (mark, meaning)
 where m.mark = v.mark;
