"""The table of units: facts of the Haystack unit database, in the order in which they are searched.

A section is `[quantity] dimension`, the dimension as exponents of kg, m, sec, K, A, mol, cd. A line is all
ids of a unit, long name first and symbol last, then its scale to the base unit of the dimension and, behind
a plus sign, the offset. Only `axon.values.units` reads it.
"""

from __future__ import annotations

TABLE = """\
[dimensionless]
percent % 0.01
percent_relative_humidity %RH 0.01
pixel px 1
decibel db 1
power_factor pf 1
ph pH 1
grams_of_water_per_kilogram_dry_air gH₂O/kgAir 1
volts_per_degree_kelvin V/K 1
degree_days_celsius °daysC 1
degree_days_fahrenheit °daysF 1
percent_obscuration_per_foot %obsc/ft 1
percent_obscuration_per_meter %obsc/m 1
psi_per_degree_fahrenheit psi/°F 1
square_meters_per_newton m²/N 1
watts_per_square_meter_degree_kelvin W/m²K 1
db_millivolt dBmV 1
db_microvolt dBµV 1
parts_per_unit ppu 1
parts_per_million ppm 1e-06
parts_per_billion ppb 1e-09
grams_per_kilogram g/kg 0.001
radian rad 1
degrees_angular deg 0.017453292519943
degrees_phase degPh 0.017453292519943
steradian sr 1
nephelometric_turbidity_units ntu 1
formazin_nephelometric_unit fnu 1
power_usage_effectiveness PUE 1
data_center_infrastructure_efficiency DCIE 1
[currency]
afghani AFN Af 1
algerian_dinar DZD 1
argentine_peso ARS 1
armenian_dram AMD Դ 1
aruban_guilder_florin AWG ƒ 1
australian_dollar AUD 1
azerbaijanian_manat AZN ман 1
bahamian_dollar BSD 1
bahraini_dinar BHD 1
baht THB ฿ 1
balboa PAB 1
barbados_dollar BBD 1
belarussian_ruble BYR Br 1
belize_dollar BZD 1
bermudian_dollar BMD 1
bolivar_fuerte VEF 1
boliviano BOB 1
brazilian_real BRL R$ 1
brunei_dollar BND 1
bulgarian_lev BGN лв 1
burundi_franc BIF 1
canadian_dollar CAD 1
cape_verde_escudo CVE 1
cayman_islands_dollar KYD 1
cedi GHS ₵ 1
cfa_franc_bceao XAF 1
cfp_franc XPF 1
chilean_peso CLP 1
chinese_yuan CNY 元 1
congolese_franc CDF 1
cordoba_oro NIO C$ 1
costa_rican_colon CRC ₡ 1
croatian_kuna HRK Kn 1
cuban_peso CUP 1
czech_koruna CZK Kč 1
dalasi GMD 1
danish_krone DKK kr 1
denar MKD ден 1
djibouti_franc DJF 1
dobra STD Db 1
dominican_peso DOP 1
dong VND ₫ 1
east_caribbean_dollar XCD 1
egyptian_pound EGP 1
ethiopian_birr ETB 1
euro EUR € 1
falkland_islands_pound FKP 1
fiji_dollar FJD 1
forint HUF 1
gibraltar_pound GIP 1
gourde HTG 1
guarani PYG ₲ 1
guinea_franc GNF 1
guyana_dollar GYD 1
hong_kong_dollar HKD 1
hryvnia UAH ₴ 1
iceland_krona ISK Kr 1
indian_rupee INR ₹ 1
iranian_rial IRR 1
iraqi_dinar IQD 1
jamaican_dollar JMD 1
jordanian_dinar JOD 1
kenyan_shilling KES Sh 1
kina PGK 1
kip LAK ₭ 1
konvertibilna_marka BAM КМ 1
kuwaiti_dinar KWD 1
kwacha MWK MK 1
kwanza AOA Kz 1
kyat MMK 1
lari GEL ლ 1
lebanese_pound LBP 1
lek ALL 1
lempira HNL 1
leone SLL Le 1
leu RON 1
liberian_dollar LRD 1
libyan_dinar LYD 1
lilangeni SZL 1
loti LSL 1
malagasy_ariary MGA 1
malaysian_ringgit MYR RM 1
manat TMT 1
mauritius_rupee MUR 1
metical MZN MTn 1
mexican_peso MXN 1
moldavian_leu MDL 1
moroccan_dirham MAD 1
naira NGN ₦ 1
nakfa ERN Nfk 1
namibia_dollar NAD 1
nepalese_rupee NPR 1
new_israeli_shekel ILS ₪ 1
new_zealand_dollar NZD 1
ngultrum BTN 1
north_korean_won KPW 1
norwegian_krone NOK 1
nuevo_sol PEN 1
ouguiya MRO UM 1
pakistan_rupee PKR ₨ 1
pataca MOP 1
peso_uruguayo UYU 1
philippine_peso PHP ₱ 1
pound_sterling GBP £ 1
pula BWP 1
pzloty PLN zł 1
qatari_rial QAR 1
quetzal GTQ 1
rand ZAR 1
rial_omani OMR 1
riel KHR 1
rufiyaa MVR 1
rupiah IDR Rp 1
russian_ruble RUB 1
rwanda_franc RWF 1
saint_helena_pound SHP 1
saudi_riyal SAR 1
serbian_dinar RSD din 1
seychelles_rupee SCR 1
singapore_dollar SGD 1
solomon_islands_dollar SBD 1
som KGS 1
somali_shilling SOS 1
somoni TJS ЅМ 1
south_korean_won KRW ₩ 1
sri_lanka_rupee LKR Rs 1
sudanese_pound SDG 1
suriname_dollar SRD 1
swedish_krona SEK 1
swiss_franc CHF SFr 1
syrian_pound SYP 1
taiwan_dollar TWD 1
taka BDT ৳ 1
tala WST 1
tanzanian_shilling TZS 1
tenge KZT 〒 1
trinidad_and_tobago_dollar TTD 1
tugrik MNT ₮ 1
tunisian_dinar TND 1
turkish_lira TRY ₤ 1
uae_dirham AED 1
uganda_shilling UGX 1
us_dollar USD $ 1
uzbekistan_sum UZS 1
vatu VUV Vt 1
yemeni_rial YER 1
yen JPY ¥ 1
zambian_kwacha ZMW ZK 1
zimbabwe_dollar ZWL 1
[acceleration] m sec-2
meters_per_second_squared m/s² 1
[angular_acceleration] sec-2
radians_per_second_squared rad/s² 1
[angular_momentum] kg m2 sec-1
joule_second Js 1
[angular_velocity] sec-1
radians_per_second rad/s 1
revolutions_per_minute rpm 6.2831853071796
[area] m2
square_meter m² 1
square_millimeter mm² 1e-06
square_centimeter cm² 0.0001
square_kilometer km² 1000000
square_inch in² 0.000645161
square_foot ft² 0.092903
square_yard yd² 0.836131
square_mile mile² 2589988.110336
acre 4046.872627
[capacitance] kg-1 m-2 sec4 A2
farad F 1
[cooling_efficiency]
coefficient_of_performance COP 1
energy_efficiency_ratio Btu/Wh EER 0.2930832356
kilowatt_per_ton kW/ton 1
[density] kg m-3
kilograms_per_cubic_meter kg/m³ 1
grams_per_cubic_meter g/m³ 0.001
milligrams_per_cubic_meter mg/m³ 1e-06
micrograms_per_cubic_meter µg/m³ 1e-09
kilograms_per_liter kg/L 0.001
milligrams_per_liter mg/L 1e-09
[electric_charge] sec A
coulomb C 1
ampere_hour Ah 3600
[electric_conductance] kg-1 m-2 sec3 A2
siemens S 1
[electric_current] A
ampere A 1
milliampere mA 0.001
[electromagnetic_moment] m2 A
ampere_square_meter Am² 1
[electric_current_density] m-2 A
amperes_per_square_meter A/m² 1
[electric_field_strength] kg m sec-3 A-1
volts_per_meter V/m 1
[electric_potential] kg m2 sec-3 A-1
volt Volt V 1
millivolt mV 0.001
kilovolt kV 1000
megavolt MV 1000000
[electric_resistance] kg m2 sec-3 A-2
ohm Ω Ω 1
kilohm kΩ kΩ 1000
megohm MΩ MΩ 1000000
milliohm mΩ mΩ 0.001
[electrical_conductivity] kg-1 m-3 sec3 A2
siemens_per_meter S/m 1
[electrical_resistivity] kg m3 sec-3 A-2
ohm_meter Ωm Ωm 1
[energy] kg m2 sec-2
joule J 1
kilojoule kJ 1000
watt_hour Wh 3600
kilowatt_hour kWh 3600000
megawatt_hour MWh 3600000000.0
gigawatt_hour GWh 3600000000000.0
btu BTU 1054.852
kilobtu kBTU 1054852
megabtu MBTU MMBTU 1054852000.0
horsepower_hour hph 2686088.6
calorie cal 4.184
therm 105506000.0
tons_refrigeration_hour tonrefh 12660670.8
megajoule MJ 1000000
gigajoule GJ 1000000000.0
newton_meter Nm 1
cubic_meters_natural_gas standard_cubic_meter scm m³_gas 37313432.83582089
cubic_feet_natural_gas standard_cubic_foot scf ft³_gas 1086498
hundred_cubic_feet_natural_gas Hcf_natural_gas 108649800.0
centum_cubic_feet_natural_gas Ccf_natural_gas 108649800.0
thousand_cubic_feet_natural_gas Mcf_natural_gas 1086498000.0
million_cubic_feet_natural_gas MMcf_natural_gas 1086498000000.0
[apparent_energy] kg m2 sec-2
volt_ampere_hour VAh 3600
kilovolt_ampere_hour kVAh 3600000
megavolt_ampere_hour MVAh 3600000000.0
[reactive_energy] kg m2 sec-2
volt_ampere_reactive_hour VARh 3600
kilovolt_ampere_reactive_hour kVARh 3600000
megavolt_ampere_reactive_hour MVARh 3600000000.0
[energy_by_area] kg sec-2
joules_per_square_meter J/m² 1
watt_hours_per_square_meter Wh/m² 3600
watt_hours_per_square_foot Wh/ft² 38750.077500155
kilowatt_hours_per_square_meter kWh/m² 3600000
kilowatt_hours_per_square_foot kWh/ft² 38750077.500155
megawatt_hours_per_square_meter MWh/m² 3600000000.0
megawatt_hours_per_square_foot MWh/ft² 38750077500.155
megajoules_per_square_meter MJ/m² 1000000
megajoules_per_square_foot MJ/ft² 10763910.41671
btu_per_square_foot BTU/ft² 11354.33731957
kilobtu_per_square_foot kBTU/ft² 11354337.31957
megabtu_per_square_foot MBTU/ft² 11354337319.57
[energy_by_volume] kg m-1 sec-2
joules_per_cubic_meter J/m³ 1
gigajoules_per_cubic_meter GJ/m³ 1000000000.0
kilowatt_hours_per_cubic_meter kWh/m³ 3600000
[enthalpy] m2 sec-2
joules_per_gram J/g 0.001
joules_per_kilogram J/kg 1
joules_per_kilogram_dry_air J/kg_dry 1
btu_per_pound BTU/lb 2325.5576058607867
btus_per_pound_dry_air btu/lb_dry 2326
kilojoules_per_kilogram kJ/kg 1000
kilojoules_per_kilogram_dry_air kJ/kg_dry 1000
megajoules_per_kilogram_dry_air MJ/kg_dry 1000000
calorie_per_gram cal/g 4184
[entropy] kg m2 sec-2 K-1
joules_per_degree_kelvin J/°K 1
kilojoules_per_degree_kelvin kJ/°K 1000
megajoules_per_degree_kelvin MJ/°K 1000000
[force] kg m sec-2
newton N 1
pound_force lbf 4.448222
[frequency] sec-1
hertz Hz 1
kilohertz kHz 1000
cycles_per_hour cph 0.0002777777777777778
cycles_per_minute cpm 0.016666666666666666
megahertz MHz 1000000
per_minute /min 0.016666666666666666
per_second /s 1
per_hour /h 0.0002777777777777778
percent_per_second %/s 1
air_changes_per_hour ACH 0.0002777777777777778
[grammage] kg m-2
kilograms_per_square_meter kg/m² 1
grams_per_square_meter g/m² 0.001
[heating_rate] sec-1 K
degrees_kelvin_per_second K/s 1
degrees_celsius_per_hour °C/h 0.0002777777777777778
degrees_celsius_per_minute °C/min 0.016666666666666666
degrees_fahrenheit_per_hour °F/h 0.00015432098765432
degrees_fahrenheit_per_minute °F/min 0.0092592592592593
degrees_kelvin_per_hour K/h 0.0002777777777777778
degrees_kelvin_per_minute K/min 0.016666666666666666
[illuminance] m-2 cd
lux lx 1
footcandle fc 0.092937
phot 10000
[inductance] kg m2 sec-2 A-2
henry H 1
[irradiance] kg sec-3
watts_per_square_meter_irradiance W/m²_irr 1
watts_per_square_foot_irradiance W/ft²_irr 10.76391041671
[length] m
meter m 1
micrometer µm 1e-05
millimeter mm 0.001
centimeter cm 0.01
kilometer km 1000
inch in 0.0254
foot ft 0.3048
yard yd 0.9144
mile 1609.344
[luminance] m-2 cd
candelas_per_square_meter cd/m² 1
candels_per_square_foot cd/ft² 0.092937
[luminous_flux] cd
lumen lm 1
[luminous_intensity] cd
candela cd 1
[magnetic_field_strength] m-1 A
amperes_per_meter A/m 1
[magnetic_flux] kg m2 sec-2 A-1
weber Wb 1
[magnetic_flux_density] kg sec-2 A-1
tesla T 1
[mass] kg
kilogram kg 1
milligram mg 1e-06
gram g 0.001
ounce oz 0.02835
pound lb 0.453591
kilopound klb 453.591
metric_ton ton 1000
short_ton t 907.18474
[mass_flow] kg sec-1
kilograms_per_second kg/s 1
kilograms_per_minute kg/min 0.016666666666666666
kilograms_per_hour kg/h 0.0002777777777777778
pounds_per_minute lb/min 0.007559872833333333
pounds_per_hour lb/h 0.00012599788055555556
pounds_per_second lb/s 0.45359237
kilopounds_per_hour klb/h 0.12599788055555555
grams_per_second g/s 0.001
grams_per_minute g/min 1.6666666666666667e-05
metric_tons_per_hour ton/h 0.2777777777777778
[momentum] kg m sec-1
newton_second Ns 1
[power] kg m2 sec-3
watt W 1
milliwatt mW 0.001
kilowatt kW 1000
megawatt MW 1000000
gigawatt GW 1000000000.0
btus_per_hour BTU/h 0.292875
therms_per_hour therm/h 29287.5
horsepower hp 745.7
foot_pounds_per_second ftlbs/sec 1.355818
tons_refrigeration tonref 3516.853
kilobtus_per_hour kBTU/h 293.07107017222
megabtus_per_hour MBTU/h MMBTU/h 293071.07017222
joules_per_hour J/h 0.000277777778
kilojoules_per_hour kJ/h 0.277777778
megajoules_per_hour MJ/h 277.777778
gigajoules_per_hour GJ/h 277777.778
[power_by_area] kg sec-3
watts_per_square_meter W/m² 1
watts_per_square_foot W/ft² 10.7639104
kilowatts_per_square_meter kW/m² 1000
kilowatts_per_square_foot kW/ft² 10763.9104
kilobtus_per_hour_per_square_foot kBTU/h/ft² 3153.8257472
[power_by_volumetric_flow] kg m-1 sec-2
watts_per_cubic_meters_per_second W/m³/s 1
watts_per_cubic_feet_per_minute W/cfm 2118.8800032893155
kilowatts_per_kilocubic_feet_per_minute kW/kcfm 2118.8800032893155
kilowatts_per_gallons_per_minute kW/gal/min 15850323.0
[apparent_power] kg m2 sec-3
volt_ampere VA 1
kilovolt_ampere kVA 1000
megavolt_ampere mVA 1000000
[reactive_power] kg m2 sec-3
volt_ampere_reactive VAR 1
kilovolt_ampere_reactive kVAR 1000
megavolt_ampere_reactive MVAR 1000000
[pressure] kg m-1 sec-2
pascal Pa 1
kilopascal kPa 1000
bar 100000
atmosphere atm 101317.1
pounds_per_square_inch psi 6894.73
centimeters_of_water cmH₂O 98.0665
inches_of_water in/wc inH₂O 248.84
millimeters_of_mercury mmHg 133.322368421
centimeters_of_mercury cmHg 1333.22368421
inches_of_mercury inHg 3386.38815789
hectopascal hPa 100
millibar mbar 100
[specific_entropy] m2 sec-2 K-1
joules_per_kilogram_degree_kelvin J/kg°K 1
[surface_tension] kg sec-2
newtons_per_meter N/m 1
[temperature] K
fahrenheit °F 0.5555555555555556+255.37222222222223
celsius °C 1+273.15
kelvin K 1
[temperature_differential] K
fahrenheit_degrees Δ°F 0.5555555555555556
celsius_degrees Δ°C 1
kelvin_degrees ΔK 1
[thermal_conductivity] kg m sec-3 K-1
watts_per_meter_degree_kelvin W/m°K 1
[time] sec
nanosecond ns 1e-09
microsecond µs 1e-06
millisecond ms 0.001
hundredths_second cs 0.01
tenths_second ds 0.1
second s sec 1
minute min 60
hour h hr 3600
day 86400
week wk 604800
julian_month mo 2629800
year yr 31536000.0
[velocity] m sec-1
meters_per_second m/s 1
kilometers_per_second km/s 1000
kilometers_per_hour km/h 0.277778
miles_per_hour mph 0.447027
feet_per_second ft/s 0.3048
feet_per_minute ft/min 0.00508
inches_per_hour in/h 7.055555555555556e-06
millimeters_per_second mm/s 0.001
millimeters_per_minute mm/min 1.6666666666666667e-05
millimeters_per_hour mm/h 2.7777777777777776e-07
meters_per_minute m/min 0.016666666666666666
meters_per_hour m/h 0.0002777777777777778
knot 0.5144
cubic_feet_per_minute_per_square_foot cfm/ft² 0.00508
[volume] m3
cubic_meter m³ 1
cubic_millimeter mm³ 1e-09
cubic_centimeter cm³ 1e-06
milliliter mL 1e-06
hectoliter hL 0.1
liter L 0.001
kiloliter kL 1
cubic_inch in³ 1.6387064e-05
cubic_foot ft³ 0.028316846592
cubic_yard yd³ 0.764555
gallon gal 0.003785
kilogallon kgal 3.785
quart qt 0.000946
pint pt 0.000473
fluid_ounce fl_oz 2.95729e-05
imperial_gallon galUK 0.004546092
hecto_cubic_foot hft³ 2.8316846592
hundred_cubic_feet Hcf 2.8316846592
centum_cubic_feet Ccf 2.8316846592
thousand_cubic_feet Mcf 28.316846592
million_cubic_feet MMcf 28316.846592
[volumetric_flow] m3 sec-1
cubic_meters_per_second m³/s 1
milliliters_per_second mL/s 1e-06
hectoliters_per_second hL/s 0.1
liters_per_second L/s 0.001
cubic_feet_per_second cfs 0.028317
cubic_feet_per_minute cfm 0.0004719474432
cubic_feet_per_hour cfh 7.866e-06
kilocubic_feet_per_minute kcfm 0.4719474432
imperial_gallons_per_minute galUK/min 0.004546092
liters_per_minute L/min 1.6666666666666667e-05
gallons_per_minute gal/min 6.30901964e-05
gallons_per_hour gal/hr gph 1.0515033e-06
liters_per_hour L/h 2.7777777777777776e-07
cubic_meters_per_minute m³/min 0.016666666666666666
cubic_meters_per_hour m³/h 0.0002777777777777778
[bytes]
byte 1
kilobyte kB 1024
megabyte MB 1048576
gigabyte GB 1073741824.0
terabyte TB 1099511627776.0
petabyte PB 1125899906842624.0"""
