"""The table of time zones: which zone id a city name stands for, always the same one.

Haystack names a zone by the last part of its id. `CITIES` lists those names by region. `ALIASES` gives the
other names a zone answers to, behind its city: where the id database uses one name twice (`West`, `Eastern`,
`Istanbul`), this table says which is meant. `LATE_REGIONS` and `LATE_CITIES` are the zones whose change to
standard time is ruled in UTC or standard time. Only `axon.values.zones` reads it.
"""

from __future__ import annotations

CITIES = """\
Africa: Abidjan Accra Addis_Ababa Algiers Asmara Bamako Bangui Banjul Bissau Blantyre Brazzaville
  Bujumbura Cairo Casablanca Ceuta Conakry Dakar Dar_es_Salaam Djibouti Douala El_Aaiun Freetown
  Gaborone Harare Johannesburg Juba Kampala Khartoum Kigali Kinshasa Lagos Libreville Lome Luanda
  Lubumbashi Lusaka Malabo Maputo Maseru Mbabane Mogadishu Monrovia Nairobi Ndjamena Niamey
  Nouakchott Ouagadougou Porto-Novo Sao_Tome Tripoli Tunis Windhoek
America: Adak Anchorage Anguilla Antigua Araguaina Aruba Asuncion Atikokan Bahia Bahia_Banderas
  Barbados Belem Belize Blanc-Sablon Boa_Vista Bogota Boise Cambridge_Bay Campo_Grande Cancun
  Caracas Cayenne Cayman Chicago Chihuahua Ciudad_Juarez Costa_Rica Coyhaique Creston Cuiaba Curacao
  Danmarkshavn Dawson Dawson_Creek Denver Detroit Dominica Edmonton Eirunepe El_Salvador Fort_Nelson
  Fortaleza Glace_Bay Goose_Bay Grand_Turk Grenada Guadeloupe Guatemala Guayaquil Guyana Halifax
  Havana Hermosillo Inuvik Iqaluit Jamaica Juneau Kralendijk La_Paz Lima Los_Angeles Lower_Princes
  Maceio Managua Manaus Marigot Martinique Matamoros Mazatlan Menominee Merida Metlakatla
  Mexico_City Miquelon Moncton Monterrey Montevideo Montserrat Nassau New_York Nome Noronha Nuuk
  Ojinaga Panama Paramaribo Phoenix Port-au-Prince Port_of_Spain Porto_Velho Puerto_Rico
  Punta_Arenas Rankin_Inlet Recife Regina Resolute Rio_Branco Santarem Santiago Santo_Domingo
  Sao_Paulo Scoresbysund Sitka St_Barthelemy St_Johns St_Kitts St_Lucia St_Thomas St_Vincent
  Swift_Current Tegucigalpa Thule Tijuana Toronto Tortola Vancouver Whitehorse Winnipeg Yakutat
America/Argentina: Buenos_Aires Catamarca Cordoba Jujuy La_Rioja Mendoza Rio_Gallegos Salta San_Juan
  San_Luis Tucuman Ushuaia
America/Indiana: Indianapolis Knox Marengo Petersburg Tell_City Vevay Vincennes Winamac
America/Kentucky: Louisville Monticello
America/North_Dakota: Beulah Center New_Salem
Antarctica: Casey Davis DumontDUrville Macquarie Mawson McMurdo Palmer Rothera Syowa Troll Vostok
Arctic: Longyearbyen
Asia: Aden Almaty Amman Anadyr Aqtau Aqtobe Ashgabat Atyrau Baghdad Bahrain Baku Bangkok Barnaul
  Beirut Bishkek Brunei Chita Colombo Damascus Dhaka Dili Dubai Dushanbe Famagusta Gaza Hebron
  Ho_Chi_Minh Hong_Kong Hovd Irkutsk Jakarta Jayapura Jerusalem Kabul Kamchatka Karachi Kathmandu
  Khandyga Kolkata Krasnoyarsk Kuala_Lumpur Kuching Kuwait Macau Magadan Makassar Manila Muscat
  Nicosia Novokuznetsk Novosibirsk Omsk Oral Phnom_Penh Pontianak Pyongyang Qatar Qostanay Qyzylorda
  Riyadh Sakhalin Samarkand Seoul Shanghai Singapore Srednekolymsk Taipei Tashkent Tbilisi Tehran
  Thimphu Tokyo Tomsk Ulaanbaatar Urumqi Ust-Nera Vientiane Vladivostok Yakutsk Yangon Yekaterinburg
  Yerevan
Atlantic: Azores Bermuda Canary Cape_Verde Faroe Madeira Reykjavik South_Georgia St_Helena Stanley
Australia: Adelaide Brisbane Broken_Hill Darwin Eucla Hobart Lindeman Lord_Howe Melbourne Perth
  Sydney
Europe: Amsterdam Andorra Astrakhan Athens Belgrade Berlin Bratislava Brussels Bucharest Budapest
  Busingen Chisinau Copenhagen Dublin Gibraltar Guernsey Helsinki Isle_of_Man Istanbul Jersey
  Kaliningrad Kirov Kyiv Lisbon Ljubljana London Luxembourg Madrid Malta Mariehamn Minsk Monaco
  Moscow Oslo Paris Podgorica Prague Riga Rome Samara San_Marino Sarajevo Saratov Simferopol Skopje
  Sofia Stockholm Tallinn Tirane Ulyanovsk Vaduz Vatican Vienna Vilnius Volgograd Warsaw Zagreb
  Zurich
Indian: Antananarivo Chagos Christmas Cocos Comoro Kerguelen Mahe Maldives Mauritius Mayotte Reunion
Pacific: Apia Auckland Bougainville Chatham Chuuk Easter Efate Fakaofo Fiji Funafuti Galapagos
  Gambier Guadalcanal Guam Honolulu Kanton Kiritimati Kosrae Kwajalein Majuro Marquesas Midway Nauru
  Niue Norfolk Noumea Pago_Pago Palau Pitcairn Pohnpei Port_Moresby Rarotonga Saipan Tahiti Tarawa
  Tongatapu Wake Wallis"""

ALIASES = """\
Abidjan: Timbuktu Iceland
Adak: Atka Aleutian
Adelaide: South
Anchorage: Alaska
Ashgabat: Ashkhabad
Athens: EET
Auckland: South_Pole NZ
Berlin: Jan_Mayen
Brisbane: Queensland
Broken_Hill: Yancowinna
Brussels: CET MET
Cairo: Egypt
Catamarca: ComodRivadavia
Chatham: NZ-CHAT
Chicago: Central
Chisinau: Tiraspol
Cordoba: Rosario
Darwin: North
Denver: Shiprock Navajo Mountain
Detroit: Michigan
Dhaka: Dacca
Dublin: Eire
Easter: EasterIsland
Edmonton: Yellowknife
Faroe: Faeroe
Guadalcanal: Ponape
Halifax: Atlantic
Havana: Cuba
Ho_Chi_Minh: Saigon
Hobart: Currie Tasmania
Hong_Kong: Hongkong
Honolulu: HST Johnston Hawaii
Indianapolis: Fort_Wayne East-Indiana
Iqaluit: Pangnirtung
Istanbul: Turkey
Jerusalem: Tel_Aviv Israel
Kanton: Enderbury
Kathmandu: Katmandu
Knox: Knox_IN Indiana-Starke
Kolkata: Calcutta
Kyiv: Kiev Uzhgorod Zaporozhye
Lisbon: Portugal WET
London: Belfast GB GB-Eire
Lord_Howe: LHI
Los_Angeles: Pacific
Macau: Macao
Makassar: Ujung_Pandang
Mazatlan: BajaSur
Melbourne: Victoria
Mexico_City: General
Moscow: W-SU
Nairobi: Asmera
New_York: Eastern
Noronha: DeNoronha
Nuuk: Godthab
Pago_Pago: Samoa
Panama: Coral_Harbour EST
Perth: West
Phoenix: MST Arizona
Port_Moresby: Truk Yap
Puerto_Rico: Virgin
Regina: Saskatchewan
Rio_Branco: Porto_Acre Acre
Santiago: Continental
Sao_Paulo: East
Seoul: ROK
Shanghai: Chongqing Chungking Harbin PRC
St_Johns: Newfoundland
Sydney: ACT Canberra NSW
Taipei: ROC
Tehran: Iran
Thimphu: Thimbu
Tijuana: Ensenada Santa_Isabel BajaNorte
Tokyo: Japan
Toronto: Montreal Nipigon Thunder_Bay
Tripoli: Libya
Ulaanbaatar: Choibalsan Ulan_Bator
Urumqi: Kashgar
Warsaw: Poland
Whitehorse: Yukon
Winnipeg: Rainy_River
Yangon: Rangoon
New_York: EST5EDT
Chicago: CST6CDT
Denver: MST7MDT
Los_Angeles: PST8PDT
UTC: UCT Universal Zulu
GMT: Greenwich GMT0 GMT+0 GMT-0
"""

LATE_REGIONS = "Europe Australia Arctic"

LATE_CITIES = """\
Ceuta Tunis Coyhaique Danmarkshavn Havana Nuuk Punta_Arenas Santiago Scoresbysund Macquarie McMurdo
Palmer Troll Almaty Amman Anadyr Aqtau Aqtobe Ashgabat Atyrau Baghdad Barnaul Chita Dushanbe
Famagusta Irkutsk Kamchatka Khandyga Krasnoyarsk Magadan Nicosia Novokuznetsk Novosibirsk Omsk Oral
Qostanay Qyzylorda Sakhalin Samarkand Srednekolymsk Tashkent Tbilisi Tomsk Ust-Nera Vladivostok
Yakutsk Yekaterinburg Yerevan Azores Canary Faroe Madeira Auckland Chatham Easter Norfolk Noumea
"""

#: Full ids whose city name means another zone here.
FULL_IDS = {
    "Brazil/West": "America/Manaus",
    "Canada/Central": "America/Winnipeg",
    "Canada/Eastern": "America/Toronto",
    "Canada/Mountain": "America/Edmonton",
    "Canada/Pacific": "America/Vancouver",
}
