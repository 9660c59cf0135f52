"""Base pay in descriptions: what a careful person reads, class by class.

Expected pay is "low-high CURRENCY INTERVAL [label]" in whole units, "-" for an end or a part that
is not known; several ranges are joined by "; ". "" is no pay, "?" a warning instead of pay.
"""

from __future__ import annotations

import pytest
from tests.harness.pay_texts import rows, told

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.posting import prose_pay

THOUSANDS = """
Salary: 45 000 - 55 000 EUR per year|45000-55000 EUR YEAR
Salaire : 45\u00a0000 € à 55\u00a0000 € par an|45000-55000 EUR YEAR
Salaire : 45\u202f000 € bruts annuels|45000-45000 EUR YEAR
Lohn: CHF 85'000 – 95'000 pro Jahr|85000-95000 CHF YEAR
Lohn: CHF 85\u2019000.- bis 95\u2019000.- pro Jahr|85000-95000 CHF YEAR
Gehalt: 45.000 – 55.000 € brutto/Jahr|45000-55000 EUR YEAR
Gehalt: 45.000,00 € bis 55.000,00 € p.a.|45000-55000 EUR YEAR
Salary: £45,000.00 - £55,000.00 per annum|45000-55000 GBP YEAR
Base salary: $1,250,000 - $1,500,000 USD per year|1250000-1500000 USD YEAR
Månadslön: 38 000 - 42 000 SEK|38000-42000 SEK MONTH
Salario: 1.500.000 COP mensual|1500000-1500000 COP MONTH
Wynagrodzenie: 12 000 - 16 000 zł brutto miesięcznie|12000-16000 PLN MONTH
Salary: 1 200 000 JPY per month|1200000-1200000 JPY MONTH
Salaris: € 3.200,- tot € 4.100,- bruto per maand|3200-4100 EUR MONTH
Salary: USD 60\u2009000 per year|60000-60000 USD YEAR
"""
DECIMALS = """
Stundenlohn: 15,50 €|15.50-15.50 EUR HOUR
Stundenlohn ab 13,90 € brutto|13.90-- EUR HOUR
Salaire : 12,30 € de l'heure|12.30-12.30 EUR HOUR
Salario: 9,75 €/hora|9.75-9.75 EUR HOUR
Uurloon: €14,25 - €16,80|14.25-16.80 EUR HOUR
Pay: £12.21 per hour|12.21-12.21 GBP HOUR
Gehalt: 2.850,75 € monatlich|2850.75-2850.75 EUR MONTH
Lohn: 4'250.50 CHF pro Monat|4250.50-4250.50 CHF MONTH
Hourly pay: $22.5 - $27.25 USD|22.50-27.25 USD HOUR
"""
INDIAN = """
Salary: ₹12,00,000 - ₹15,00,000 per annum|1200000-1500000 INR YEAR
Salary: INR 8,50,000 per annum|850000-850000 INR YEAR
Salary: Rs. 25,000/- per month|25000-25000 - MONTH
CTC: ₹12-15 LPA|1200000-1500000 INR YEAR
CTC: 12 - 15 LPA INR|1200000-1500000 INR YEAR
Salary: ₹8 lakh to ₹12 lakh per annum|800000-1200000 INR YEAR
Salary: ₹8.5 lakhs - 10 lakhs per year|850000-1000000 INR YEAR
Compensation: INR 20 Lacs per annum|2000000-2000000 INR YEAR
Base pay: ₹1.2 crore per annum|12000000-12000000 INR YEAR
Base pay: ₹1 Cr - ₹1.5 Cr per annum|10000000-15000000 INR YEAR
Salary: ₹12L - ₹18L per annum|1200000-1800000 INR YEAR
Salary: up to ₹30 LPA|--3000000 INR YEAR
Salary: ₹45,000 per month|45000-45000 INR MONTH
"""
MULTIPLIERS = """
Salary: £60K – £95K|60000-95000 GBP -
Salary: €60-95k per year|60000-95000 EUR YEAR
Salaire : de 38 à 42 K€ brut annuel|38000-42000 EUR YEAR
Salaire : 45 k€ - 55 k€ annuel|45000-55000 EUR YEAR
Salaire : 45-55 k€ brut/an|45000-55000 EUR YEAR
Gehalt: 60 - 75 Tsd. € p.a.|60000-75000 EUR YEAR
Gehalt: 60 T€ bis 75 T€ jährlich|60000-75000 EUR YEAR
Jahresgehalt: 60-75 TEUR|60000-75000 EUR YEAR
Salary: USD 90k-120k annually|90000-120000 USD YEAR
Base salary: 120k - 150k USD|120000-150000 USD -
Salário: R$ 5 mil por mês|5000-5000 BRL MONTH
Salary: IDR 10-12 juta per month|10000000-12000000 IDR MONTH
Salary: COP 4M - 6M per month|4000000-6000000 COP MONTH
Salary: ₩50M - ₩70M per year|50000000-70000000 KRW YEAR
Salary: 12.5k PLN per month|12500-12500 PLN MONTH
Base pay: £45k+ per annum|45000-- GBP YEAR
Gehalt: 48k EUR brutto im Jahr|48000-48000 EUR YEAR
"""
UNITS = """
Rate: $0.65 USD per mile|0.65-0.65 USD - [per mile]
Pay: €0.60 per km|0.60-0.60 EUR - [per km]
Pay: USD 0.58 - 0.62 CPM|0.58-0.62 USD - [per mile]
Pay rate: $45 USD per visit|45-45 USD - [per visit]
Pay: £120 per shift|120-120 GBP - [per shift]
Pay: £180 per 12-hour shift|180-180 GBP - [per shift]
Pay: $250 USD per load|250-250 USD - [per load]
Pay: €1.20 pro Stück|1.20-1.20 EUR - [per stück]
Compensation: USD 35 per class|35-35 USD - [per class]
Pay: USD 0.10 per word|0.10-0.10 USD - [per word]
Wages: USD 5 per unit|5-5 USD - [per unit]
Rate: USD 75/visit|75-75 USD - [per visit]
Rate: USD 22 each delivery|22-22 USD - [per delivery]
Pay: $0.70 USD per loaded mile|0.70-0.70 USD - [per loaded mile]
Pay: USD 1,500 per project|1500-1500 USD - [per project]
Pay rate: 60 USD per appointment|60-60 USD - [per appointment]
Pay: USD 250 per diem|250-250 USD DAY
Pay: £90 per night|90-90 GBP - [per night]
Pay: 55 cents per mile|0.55-0.55 - - [per mile]
"""
PERIODS = """
Pay: USD 1,800 biweekly|1800-1800 USD BIWEEK
Pay: USD 1,800 bi-weekly|1800-1800 USD BIWEEK
Pay: AUD 2,400 per fortnight|2400-2400 AUD BIWEEK
Pay: AUD 2,400 fortnightly|2400-2400 AUD BIWEEK
Pay: USD 1,800 every two weeks|1800-1800 USD BIWEEK
Pay: USD 1,800 every 2 weeks|1800-1800 USD BIWEEK
Pay: USD 1,800 every other week|1800-1800 USD BIWEEK
Pay: USD 2,100 semi-monthly|2100-2100 USD SEMIMONTH
Pay: USD 2,100 twice monthly|2100-2100 USD SEMIMONTH
Pay: £450 a day|450-450 GBP DAY
Tagessatz: 600 - 750 €|600-750 EUR DAY
TJM : 450 € - 550 €|450-550 EUR DAY
Pay: £35,000 pa|35000-35000 GBP YEAR
Pay: £35,000 p.a.|35000-35000 GBP YEAR
Pay: £900 a week|900-900 GBP WEEK
Base pay: €2.500 al mes|2500-2500 EUR MONTH
Retribuzione: 28.000 € lordi annui|28000-28000 EUR YEAR
RAL: 30.000 - 35.000 €|30000-35000 EUR YEAR
Retribuzione: € 1.600 mensili|1600-1600 EUR MONTH
Salário: 1.500 € mensais|1500-1500 EUR MONTH
Salario: 24.000 € brutos anuales|24000-24000 EUR YEAR
Salaris: €3.000 bruto per maand|3000-3000 EUR MONTH
Gehalt: 3.500 € brutto im Monat|3500-3500 EUR MONTH
Timlön: 165 SEK|165-165 SEK HOUR
Pay: £60,000 gross per year|60000-60000 GBP YEAR
Hourly Pay Range⏎€22 - €28|22-28 EUR HOUR
Annual Base Salary Range:⏎€70,000 - €80,000|70000-80000 EUR YEAR
Pay: €20-25 hourly|20-25 EUR HOUR
Pay: €20/hr paid weekly|20-20 EUR HOUR
Salary: £60,000 paid biweekly|60000-60000 GBP -
"""
RANGES = """
Salary: €50,000 to €60,000 per year|50000-60000 EUR YEAR
Gehalt: von 50.000 € bis 60.000 € pro Jahr|50000-60000 EUR YEAR
Gehalt: zwischen 50.000 und 60.000 € im Jahr|50000-60000 EUR YEAR
Salaire : entre 38 000 et 45 000 € par an|38000-45000 EUR YEAR
Salaire : de 2 000 € à 2 400 € par mois|2000-2400 EUR MONTH
Salario: entre 24.000 y 30.000 € al año|24000-30000 EUR YEAR
Salario: de 24.000 a 30.000 € anuales|24000-30000 EUR YEAR
Retribuzione: tra 25.000 e 30.000 € annui|25000-30000 EUR YEAR
Salaris: tussen €3.000 en €4.000 per maand|3000-4000 EUR MONTH
Salary: €50,000 — €60,000|50000-60000 EUR -
Salary: €50,000–60,000|50000-60000 EUR -
Salary: €50-60,000 per year|50000-60000 EUR YEAR
Salary: €50,000~€60,000|50000-60000 EUR -
Pay ranges from £12 per hour up to £15 per hour|12-15 GBP HOUR
Salary: up to £60,000 per annum|--60000 GBP YEAR
Salary: from £40,000 per annum|40000-- GBP YEAR
Pay starting at £14 per hour|14-- GBP HOUR
Pay: at least £14 an hour|14-- GBP HOUR
Salaire : jusqu'à 45 000 € par an|--45000 EUR YEAR
Salaire : à partir de 30 000 € par an|30000-- EUR YEAR
Gehalt ab 45.000 € jährlich|45000-- EUR YEAR
Gehalt bis zu 60.000 € jährlich|--60000 EUR YEAR
Salario desde 20.000 € anuales|20000-- EUR YEAR
Salaris vanaf €2.800 bruto per maand|2800-- EUR MONTH
Pay: £15 per hour and up|15-- GBP HOUR
Pay: £20+ per hour|20-- GBP HOUR
Pay: £30,000 minimum per year|30000-- GBP YEAR
Salary: £60,000 max|--60000 GBP -
Gehalt: mindestens 2.500 € brutto monatlich|2500-- EUR MONTH
"""
NOT_AN_END = """
Pay: €20 - 40 hours per week|20-20 EUR -
Gehalt: 3.000 € – 14 Gehälter|3000-3000 EUR -
Gehalt: 60.000 € - 40 Stunden/Woche|60000-60000 EUR -
Salary: £50,000 - 25 days holiday|50000-50000 GBP -
Salaire : 2 500 € x 13 mois|2500-2500 EUR -
Salario: 30.000 € en 14 pagas|30000-30000 EUR -
Gehalt: 3.000 € brutto/Monat, 14 Gehälter|3000-3000 EUR MONTH
Pay: £15/hr - 12 hour shifts|15-15 GBP HOUR
Salary: €55,000 per year - 2 days remote|55000-55000 EUR YEAR
Salary: £40,000 + 10% bonus|40000-40000 GBP -
"""
SEVERAL = """
Pay is £20-£25/hr in Rome and £18-£22/hr in York|20-25 GBP HOUR [in Rome]; 18-22 GBP HOUR [in York]
Pay: £80k–£90k (London), £70k–£75k (York)|80000-90000 GBP - [London]; 70000-75000 GBP - [York]
Base: €40-50k for E4 and €60k for E5|40000-50000 EUR - [for E4]; 60000-60000 EUR - [for E5]
Base pay:⏎Zone A: €60k-€70k⏎Zone B: €55k|60000-70000 EUR - [Zone A]; 55000-55000 EUR - [Zone B]
Gehalt: 45.000 € (Junior), 60.000 € (Senior)|45000-45000 EUR - [Junior]; 60000-60000 EUR - [Senior]
Pay: £18/hr days, £20/hr nights|18-18 GBP HOUR [days]; 20-20 GBP HOUR [nights]
Salary: €60,000-€70,000 or €80,000-€90,000|?
Pay: £20 per hour. Base pay: £25 per hour.|?
Pay: €20 per hour (€41,600 per year)|20-20 EUR HOUR
Pay range: $20 USD to $25 USD per hour, or $41,600 USD to $52,000 USD per year|20-25 USD HOUR
Salary: £60,000 per year⏎Again, the salary is £60,000 per year|60000-60000 GBP YEAR
Gehalt: 3.000 € brutto (ca. 2.050 € netto) im Monat|3000-3000 EUR -
"""
NOT_BASE = """
We offer $500 USD per month towards your health plan.|
Salary is competitive. $500 USD monthly wellness stipend.|
Pay is competitive, and a USD 2,000 sign-on bonus is paid.|
Salary plus a USD 5,000 referral bonus.|
We match 401k contributions of up to USD 3,000 per year.|
Compensation includes USD 1,500 tuition reimbursement.|
We raised a $50M Series B.|
Our revenue is USD 200,000 a year.|
You manage a $2M budget.|
OTE: USD 120,000 - 140,000|
On-target earnings of £90,000|
Commission up to £2,000 per month on top of your base salary|
Zielgehalt: 90.000 € OTE|
Jahresbonus von 5.000 €|
Prime annuelle de 2 000 €|
Weiterbildungsbudget: 2.000 € pro Jahr|
Fahrtkostenzuschuss von 50 € monatlich|
Bono anual de 3.000 €|
Our customers spend USD 3,000 per month.|
Learning budget: £1,000 per year|
Life insurance of USD 50,000|
Home office allowance: €500|
Relocation package of USD 10,000|
Salary: DOE|
Competitive pay, 15% above market|
Total package: £85,000|
Salary depends on experience (see section 401(k)).|
Our ARR grew to €20,000,000.|
A bonus of up to €10,000 per year|
Mileage is reimbursed at USD 0.67 per mile.|
We sold shares worth EUR 1,000,000.|
Meal vouchers: €8 per day|
Pay: $|
"""
BASE_BESIDE_OTHERS = """
Base salary £70k, OTE £140k|70000-70000 GBP -
£140k OTE (£70k base)|70000-70000 GBP -
£70k base / £140k OTE|70000-70000 GBP -
Salary: £60,000 per year plus a £5,000 sign-on bonus|60000-60000 GBP YEAR
Salary: £60,000 - £70,000, £2,000 learning budget|60000-70000 GBP -
Pay: £15 per hour plus £2 night differential|15-15 GBP HOUR
In addition to a £5,000 bonus, the base salary is £60,000|60000-60000 GBP -
Insurance Agent salary: £50,000 per year|50000-50000 GBP YEAR
Stock Clerk pay: £13 per hour|13-13 GBP HOUR
Gehalt: 50.000 € zzgl. 5.000 € Bonus|50000-50000 EUR -
The base salary for a Sales Executive is £60,000|60000-60000 GBP -
We raised a $50M Series B. The salary is £60,000 a year.|60000-60000 GBP YEAR
Base pay £45k plus uncapped commission (OTE £80k)|45000-45000 GBP -
Salary: £30,000 + commission|30000-30000 GBP -
Pay: £25/hr for Dental Hygienists|25-25 GBP HOUR
"""
KINDS = """
Gehalt: 2.000 € netto im Monat|2000-2000 EUR MONTH [net]
Salary: €2,500 net per month|2500-2500 EUR MONTH [net]
Salario: 1.800 € netos al mes|1800-1800 EUR MONTH [net]
Salaire : 2 100 € net mensuel|2100-2100 EUR MONTH [net]
Tagessatz: 800 € inkl. MwSt|800-800 EUR DAY [incl. VAT]
Pay rate: £500 per day incl. VAT|500-500 GBP DAY [incl. VAT]
Pay rate: £500 per day excl. VAT|500-500 GBP DAY
Pay for a .NET developer: €60,000 per year|60000-60000 EUR YEAR
"""
SIGNS = """
Salary: US$90,000 per year|90000-90000 USD YEAR
Salary: CA$102.8K – CA$137K|102800-137000 CAD -
Salary: A$95,000 per year|95000-95000 AUD YEAR
Salary: S$5,000 per month|5000-5000 SGD MONTH
Salary: R$ 4.500 por mês|4500-4500 BRL MONTH
Salary: RM 4,500 per month|4500-4500 MYR MONTH
Salary: Rp 8.000.000 per month|8000000-8000000 IDR MONTH
Salary: 35 000 Kč per month|35000-35000 CZK MONTH
Salary: 450 000 Ft per month|450000-450000 HUF MONTH
Salary: R25,000 per month|25000-25000 ZAR MONTH
Salary: 5,500 CAD per month|5500-5500 CAD MONTH
Salary: 60 000 $ CAD per year|60000-60000 CAD YEAR
Salary: 45000 euros per year|45000-45000 EUR YEAR
Salary: eur 45000 per year|45000-45000 EUR YEAR
Salary: ₱35,000 per month|35000-35000 PHP MONTH
Salary: $60,000 per year|60000-60000 - YEAR
Lön: 38 000 kr per månad|38000-38000 - MONTH
Pay: ¥5,000,000 per year|5000000-5000000 - YEAR
Pay: AED 12,000 per month|12000-12000 AED MONTH
Pay: KES 80,000 per month|80000-80000 KES MONTH
"""


ALL = {
    "thousands": THOUSANDS,
    "decimals": DECIMALS,
    "indian": INDIAN,
    "multipliers": MULTIPLIERS,
    "units": UNITS,
    "periods": PERIODS,
    "ranges": RANGES,
    "not an end": NOT_AN_END,
    "several": SEVERAL,
    "not base": NOT_BASE,
    "base beside others": BASE_BESIDE_OTHERS,
    "kinds": KINDS,
    "signs": SIGNS,
}


def read(text: str, country: str | None = None) -> tuple[str, set[str]]:
    """What is read, and the codes of the warnings."""
    notes = Notes()
    pays = prose_pay(text, "description", PayReader(notes, country))
    return told(pays, notes), {str(warning.code) for warning in notes.warnings}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(*row, id=f"{name}: {row[0][:60]}")
        for name, table in ALL.items()
        for row in rows(table)
    ],
)
def test_a_description_states_what_a_careful_person_reads(text, expected):
    """Amounts in any grouping, the period or the unit, one end or both, ranges by their names."""
    found, codes = read(text)
    assert found == expected
    assert bool(codes) == bool(expected), "pay of a text has a warning, and no pay has none"


@pytest.mark.parametrize("text", [text for text, _ in rows(UNITS)])
def test_a_unit_of_work_suggests_no_period(text):
    """Per mile is not per hour, however small the amount."""
    notes = Notes()
    for pay in prose_pay(text, "description", PayReader(notes, None)):
        assert pay.suggested_interval is None


COUNTRIES = """
$|CA|CAD
$|AU|AUD
$|MX|MXN
$|SG|SGD
$|US|USD
$|PR|USD
$|DE|-
$||-
kr|SE|SEK
kr|NO|NOK
kr|DK|DKK
kr|DE|-
kr||-
¥|JP|JPY
¥|CN|CNY
¥|US|-
£|GB|GBP
£||GBP
£|EG|EGP
£|IE|GBP
Rs.|IN|INR
Rs.|PK|PKR
Rs.||-
C$|NI|NIO
C$||CAD
CA$|US|CAD
US$|CA|USD
"""


@pytest.mark.parametrize("row", COUNTRIES.strip().split("\n"))
def test_a_shared_sign_is_decided_by_the_country(row):
    """Where the country's own currency has the sign; else it is unknown, with a warning."""
    sign, country, currency = row.split("|")
    found, codes = read(f"Salary: {sign} 60,000 per year", country or None)
    assert found.split()[1] == currency
    assert ("CURRENCY_UNKNOWN" in codes) is (currency == "-")
