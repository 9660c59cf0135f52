"""What a careful person reads in each captured payload, record by record.

Written down from the payloads before the normalizers of their providers ran on them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.vectors.conftest import SHARED_DATA

from xaigh_server.ats.providers.custom.fieldmap import parse_field_map
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.record import (
    Employment,
    Interval,
    Normalized,
    NormalizedJob,
    OfferStatus,
    PaySource,
    Place,
    Provider,
    Rejected,
    Workplace,
)
from xaigh_server.ats.providers.registry import normalize, records_of

ATS = SHARED_DATA / "ats"
FULL, PART = Employment.FULL_TIME, Employment.PART_TIME
CONTRACT, TEMPORARY, INTERN = Employment.CONTRACT, Employment.TEMPORARY, Employment.INTERN
ONSITE, HYBRID, REMOTE = Workplace.ONSITE, Workplace.HYBRID, Workplace.REMOTE
HOUR, YEAR = Interval.HOUR, Interval.YEAR
FIELD, TAG, PROSE = PaySource.FIELD, PaySource.TAG, PaySource.PROSE


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is expected of one record.

    Places are "city/region/country", "*" at the end for a remote one. Pay is (min, max, currency,
    interval, suggested interval, source) in minor units. `more` are other members of the job.
    """

    id: str
    places: str = ""
    employment: Employment | None = None
    workplace: Workplace | None = None
    pay: tuple[tuple[object, ...], ...] = ()
    warnings: tuple[str, ...] = ()
    more: Mapping[str, object] = field(default_factory=dict)


def usd(
    low: float, high: float, interval: Interval | None, source: PaySource
) -> tuple[object, ...]:
    """A range in dollars; without an interval, one that looks yearly."""
    suggested = None if interval else YEAR
    return round(low * 100), round(high * 100), "USD", interval, suggested, source


PAY_IN_TEXT = ("PAY_FROM_TEXT", "CURRENCY_INFERRED")
NO_PERIOD = (*PAY_IN_TEXT, "PAY_INTERVAL_UNKNOWN")
GONG_CITIES = "Austin//;Chicago//;New York City//;Salt Lake City//;San Francisco//"
CODEPATH = {"boards": ("codepath",), "published_at": None, "department": "Programs"}
LISTED_ONLY = {"omitted": ("description", "requirements", "pay", "department", "team")}

GREENHOUSE = {
    "board_amplitude_content.json": [
        Facts(
            id="8636903002",
            places="London/England/GB",
            employment=FULL,
            more={
                "boards": ("amplitude",),
                "requisition_id": "R-12263",
                "department": "Solutions Consulting",
                "requirements": 6,
                "published_at": datetime(2026, 7, 16, 15, 55, 32, tzinfo=UTC),
                "updated_at": datetime(2026, 7, 29, 12, 50, 1, tzinfo=UTC),
            },
        ),
        Facts(id="8651132002", places="Bangalore//IN", employment=FULL),
    ],
    "board_databricks_custom_url_ja.json": [
        Facts(id="8559344002", places="Tokyo//JP", more={"language": "en", "boards": ()}),
        Facts(id="8428882002", places="Tokyo//JP", more={"language": "ja", "boards": ()}),
    ],
    "board_gong_list_no_content.json": [
        Facts(id="4679941006", places=GONG_CITIES, more=LISTED_ONLY),
        Facts(id="4678879006", places="//US*", employment=FULL, workplace=REMOTE),
        Facts(id="999000111", places="Dublin//", warnings=("URL_NAMES_ANOTHER_JOB",)),
    ],
    "board_smarterdx_content.json": [
        Facts(
            id="5193736007",
            places="//US*",
            workplace=REMOTE,
            pay=(usd(34.62, 34.62, HOUR, PROSE),),
            warnings=PAY_IN_TEXT,
            more={"requisition_id": "303", "department": "Customer Success"},
        ),
        Facts(
            id="5099964007",
            places="//US*",
            workplace=REMOTE,
            pay=(usd(75_000, 105_000, None, PROSE),),
            warnings=NO_PERIOD,
            more={"title": "Clinical Coding Specialist", "requirements": 8},
        ),
    ],
    "job_codepath_4040346007_pay_hourly_unlabelled.json": [
        Facts(
            id="4040346007",
            places="//US*",
            workplace=REMOTE,
            pay=(usd(75, 100, HOUR, FIELD),),
            more=CODEPATH,
        )
    ],
    "job_codepath_4426096007_pay_hourly_part_time_contract.json": [
        Facts(
            id="4426096007",
            places="Arlington/Virginia/US",
            pay=(usd(50, 70, HOUR, FIELD),),
            more={"department": "Immersives", "requirements": 9},
        )
    ],
    "job_codepath_4426707007_pay_annual.json": [
        Facts(
            id="4426707007",
            places="//US*",
            workplace=REMOTE,
            pay=(usd(120_000, 160_000, YEAR, FIELD),),
            more={"department": "Platform", "requirements": 7},
        )
    ],
    "job_gong_detail.json": [
        Facts(id="4679941006", places=GONG_CITIES, more={"department": "Customer Success"})
    ],
}

LEVER = {
    "postings_palantir.json": [
        Facts(
            id="ac978161-6f46-4f6b-ad9e-a258e642751c",
            places="London//GB",
            employment=FULL,
            workplace=HYBRID,
            more={
                "requirements": 7,
                "team": "Administrative",
                "department": None,
                "published_at": datetime(2024, 3, 25, 21, 50, 16, 463000, tzinfo=UTC),
                "updated_at": None,
                "boards": ("palantir",),
            },
        ),
        Facts(
            id="0bbfd4f4-41ff-4ec6-b73f-5200efd5d4d3",
            places="Palo Alto/CA/US",
            employment=FULL,
            workplace=HYBRID,
            pay=(usd(60_000, 97_000, YEAR, PROSE),),
            warnings=PAY_IN_TEXT,
            more={"requirements": 14},
        ),
    ],
    "postings_veeva.json": [
        Facts(
            id="466ed4a1-2c00-400e-8b9b-77b0c63d64d2",
            places="Lisbon//PT",
            employment=FULL,
            workplace=REMOTE,
            more={"department": "Data Operations", "team": "Data Operations - EU"},
        ),
        Facts(
            id="7465bdb3-4f75-43bc-b5d9-c23c77fd3a29",
            places="Barcelona//ES",
            employment=FULL,
            workplace=REMOTE,
        ),
    ],
    "postings_goto_sample.json": [
        Facts(
            id="18674f77-24b2-46a4-86bb-7b5e7fe71f2c",
            places="Depok//ID;Bogor//",
            employment=FULL,
            workplace=ONSITE,
            more={"team": None, "department": "ODS - Regions", "requirements": 8},
        ),
        Facts(
            id="e2bbb29c-85ef-4db2-9ea7-93af9101b634",
            places="Bengaluru//IN;Jakarta//",
            employment=FULL,
            workplace=ONSITE,
        ),
        Facts(
            id="73172a46-5486-4860-a256-8e17225c4a47",
            places="Bali//ID",
            workplace=ONSITE,
            more={"team": "East Java, Bali, Nusra Regions", "requirements": 6},
        ),
        Facts(
            id="816f2d4c-5ff6-4e83-8697-9c25df599409",
            places="Jakarta//ID",
            employment=INTERN,
            workplace=ONSITE,
        ),
        Facts(
            id="178ba514-705f-4f0b-9e48-fe917c47a95b",
            places="Jakarta//ID",
            employment=FULL,
            workplace=ONSITE,
        ),
        Facts(
            id="885b2af9-c94a-4010-b0c4-c6ea7812039b",
            places="Tangerang//ID",
            employment=CONTRACT,
            workplace=ONSITE,
        ),
        Facts(
            id="94efd0c8-e79b-41e1-aa37-a7a4c08c108f",
            places="Tangerang//ID",
            employment=CONTRACT,
            workplace=ONSITE,
        ),
    ],
    "postings_idealistconsulting_contract.json": [
        Facts(
            id="a24ec4e5-5caa-473d-abd4-b71f09a8167b",
            places="Chicago/IL/US",
            employment=CONTRACT,
            workplace=REMOTE,
            more={"requirements": 20},
        ),
        Facts(
            id="5d54d69b-e940-452e-b892-1170aa60f095",
            places="Washington/D.C./US",
            employment=CONTRACT,
            workplace=REMOTE,
            more={"requirements": 12},
        ),
    ],
    "postings_outreach_salary_range.json": [
        Facts(
            id="a60fb104-ce93-4ba0-8763-ffb075b3eed1",
            places="//US",
            employment=FULL,
            workplace=REMOTE,
            pay=(usd(140_000, 160_000, YEAR, FIELD),),
        ),
        Facts(
            id="f9e62dad-44bf-4e52-88ca-854a2b26fa58",
            places="London//GB",
            employment=FULL,
            workplace=HYBRID,
        ),
        Facts(
            id="1ee6929b-42c3-4ada-83cf-2ea170f7b430",
            places="//US",
            employment=FULL,
            workplace=REMOTE,
            pay=(usd(145_000, 185_000, YEAR, FIELD),),
        ),
        Facts(
            id="aa98974b-096f-403c-8d38-ba08961f0fd2",
            places="Seattle/WA/US",
            employment=FULL,
            workplace=HYBRID,
            pay=(usd(130_000, 160_000, YEAR, FIELD),),
        ),
    ],
}

BAY_AND_MIAMI = "San Francisco/California/US;Miami/Florida/US"
ASHBY = {
    "board_highlightta_cad_hybrid.json": [
        Facts(
            id="90fb3621-899e-4b59-925d-25080ec91e18",
            places="//CA",
            employment=FULL,
            workplace=REMOTE,
        ),
        Facts(
            id="fc2f1f85-46a0-4a31-b165-683e39c07c04",
            places="Toronto/Ontario/CA",
            employment=FULL,
            workplace=HYBRID,
            pay=((10_280_000, 13_700_000, "CAD", YEAR, None, FIELD),),
            more={
                "title": "Senior Site Reliability Engineer",
                "published_at": datetime(2026, 7, 8, 19, 48, 19, 767000, tzinfo=UTC),
                "updated_at": None,
                "boards": ("HighlightTA",),
            },
        ),
    ],
    "board_lightdash_gbp_equity.json": [
        Facts(
            id="309706bc-1081-48b6-89dc-f769bbe17e6d",
            places="//GB*",
            employment=FULL,
            workplace=REMOTE,
            pay=((6_000_000, 9_500_000, "GBP", YEAR, None, FIELD),),
            more={"requirements": 3},
        ),
        Facts(
            id="9efa292a-cc34-4388-90a2-2bed5126ace4",
            places="//GB*",
            employment=FULL,
            workplace=REMOTE,
            pay=((6_000_000, 11_000_000, "GBP", YEAR, None, FIELD),),
        ),
    ],
    "board_openevidence.json": [
        Facts(
            id="4c577aae-1ad0-444b-9e15-2ad994333de4",
            places=BAY_AND_MIAMI,
            employment=FULL,
            workplace=ONSITE,
        ),
        Facts(
            id="db203104-7408-48ee-8e11-25340e11b739",
            places=BAY_AND_MIAMI,
            employment=FULL,
            workplace=ONSITE,
        ),
    ],
    "board_vanta_null_remote.json": [
        Facts(
            id="fe5fd1a4-12ff-4703-bed5-6c2f34ba7768",
            places="//US*",
            employment=FULL,
            workplace=REMOTE,
        ),
        Facts(
            id="cf4358d4-1f34-40cc-b5b4-31a2e001136f",
            places="San Francisco/California/US",
            employment=FULL,
        ),
    ],
    "board_wealthcom_compensation.json": [
        Facts(
            id="c46c1464-d1e3-4fb7-9ace-7f1b9b65774c",
            places="Phoenix/Arizona/US",
            employment=FULL,
            workplace=REMOTE,
            pay=(usd(130_000, 180_000, YEAR, FIELD),),
            more={"boards": ("wealth-com",), "status": OfferStatus.OPEN},
        ),
        Facts(
            id="fcd184e8-d7c9-4c58-b5f5-56b7ee5c80ac",
            places="//US*",
            employment=FULL,
            workplace=REMOTE,
            pay=(usd(30, 38, HOUR, FIELD),),
        ),
        Facts(
            id="2cba0d45-7a4f-4f38-ac73-3f8633bf0349",
            places="San Francisco/California/US;New York/New York/US;Seattle/Washington/US",
            employment=FULL,
            pay=(usd(210_000, 490_000, YEAR, FIELD),),
            more={"boards": ("openai",)},
        ),
        Facts(
            id="unlisted-draft-0001",
            places="Phoenix/Arizona/US",
            employment=FULL,
            workplace=REMOTE,
            pay=(usd(130_000, 180_000, YEAR, FIELD),),
            warnings=("URL_NAMES_ANOTHER_JOB",),
            more={"status": OfferStatus.UNLISTED, "listed": False},
        ),
        Facts(
            id="nocomp-0002",
            places="New York City//",
            employment=FULL,
            workplace=REMOTE,
            warnings=("URL_NAMES_ANOTHER_JOB", "LOCATION_CONFLICT"),
        ),
    ],
}

MAILBOX = ("EMAIL_REMOVED",)
CXS_DETAIL = {"updated_at": None, "status": OfferStatus.OPEN}
WORKDAY = {
    "cxs_detail_motorola_R45335.json": [
        Facts(
            id="R45335",
            places="//GB*",
            employment=FULL,
            workplace=REMOTE,
            warnings=MAILBOX,
            more={**CXS_DETAIL, "requirements": 12, "published_at": date(2024, 6, 26)},
        )
    ],
    "cxs_detail_motorola_R48511.json": [
        Facts(
            id="R48511",
            places="Uxbridge//GB;London//GB",
            employment=FULL,
            warnings=MAILBOX,
            more={
                **CXS_DETAIL,
                "requisition_id": "R48511",
                "requirements": 9,
                "published_at": date(2024, 7, 16),
            },
        )
    ],
    "cxs_detail_motorola_R48898.json": [
        Facts(
            id="R48898",
            places="Edinburgh//GB",
            employment=FULL,
            warnings=MAILBOX,
            more={**CXS_DETAIL, "requirements": 4},
        )
    ],
    "cxs_detail_nvidia_additional_locations.json": [
        Facts(
            id="JR2017578",
            places="Durham/NC/US;/NC/US*;/TX/US*;/VA/US*;/WA/US*;/CA/US*",
            employment=FULL,
            warnings=("WORKPLACE_TYPE_MIXED",),
            more=CXS_DETAIL,
        )
    ],
    "cxs_detail_workday_pay_in_text.json": [
        Facts(
            id="JR-0105486",
            places="Reston/VA/US",
            employment=FULL,
            workplace=ONSITE,
            pay=(usd(151_500, 227_300, None, PROSE),),
            warnings=("PAY_FROM_TEXT", "PAY_INTERVAL_UNKNOWN"),
            more={"boards": ("workday", "workday.wd5.myworkdayjobs.com", "workday/Workday")},
        )
    ],
    "rest_jobposting_constructed.json": [
        Facts(
            id="05368db6fe2f100111079a9696af0001",
            places="Byhalia/MS/US",
            employment=FULL,
            pay=(usd(19.25, 21.75, HOUR, PROSE),),
            warnings=PAY_IN_TEXT,
            more={"published_at": date(2026, 8, 19), "requisition_id": None},
        ),
        Facts(id="05368db6fe2f100111079a9696af0002", employment=INTERN),
    ],
}

JCPENNEY = {"status": OfferStatus.OPEN, "listed": True, "language": "en-us"}
PETSMART_PAY = ((1366, 1916, "USD", HOUR, None, FIELD),)
ICIMS = {
    "attract_jcpenney_jobs.json": [
        Facts(
            id="9291",
            places="Thornton/Colorado/US",
            employment=FULL,
            pay=(usd(47_740, 68_200, YEAR, TAG),),
            warnings=("PAY_FROM_TEXT",),
            more={
                **JCPENNEY,
                "requisition_id": "9291",
                "canonical_url": "https://jobs.jcp.com/jobs/9291?lang=en-us",
                "published_at": datetime(2026, 7, 27, 23, 39, tzinfo=UTC),
                "updated_at": datetime(2026, 7, 28, 0, 41, 39, tzinfo=UTC),
            },
        ),
        Facts(
            id="9282",
            places="New York/New York/US",
            employment=FULL,
            pay=(usd(57_200, 104_000, YEAR, TAG),),
            warnings=("PAY_FROM_TEXT",),
            more=JCPENNEY,
        ),
    ],
    "attract_petsmart_hourly.json": [
        Facts(
            id="104479036723-41447668006",
            places="Bayamon//PR",
            pay=PETSMART_PAY,
            warnings=("CURRENCY_INFERRED",),
            more={"canonical_url": None, "status": OfferStatus.OPEN},
        ),
        Facts(
            id="104479036723-5553400167",
            places="Bayamon//PR",
            pay=PETSMART_PAY,
            warnings=("CURRENCY_INFERRED",),
        ),
        Facts(
            id="104478721386-11431946456",
            places="Caguas/Caguas Municipio/PR",
            pay=((1421, 1971, "USD", HOUR, None, FIELD),),
            warnings=("CURRENCY_INFERRED",),
        ),
    ],
    "job_profile_api_approved.json": [
        Facts(
            id="1026",
            places="Chicago/Illinois/US",
            more={"requisition_id": "2014-1026", "status": OfferStatus.OPEN, "boards": ("4560",)},
        )
    ],
    "job_profile_api_constructed_pay_fields.json": [
        Facts(
            id="4417",
            places="Dayton/OH/US;Troy/OH/US",
            employment=FULL,
            pay=((2750, 3400, "USD", HOUR, None, FIELD),),
            warnings=("PAY_FIELDS_ASSUMED",),
            more={
                "requisition_id": "2026-4417",
                "department": "Plant Operations",
                "requirements": 2,
                "updated_at": datetime(2026, 8, 18, 21, 42, tzinfo=UTC),
                "published_at": None,
            },
        )
    ],
    "portal_jsonld_bds_value_unittext.json": [
        Facts(
            id="47917",
            places="Houston/Texas/US",
            employment=FULL,
            pay=(usd(65_000, 70_000, YEAR, FIELD),),
            more={
                "requirements": 2,
                "valid_through": datetime(2026, 3, 13, 5, tzinfo=UTC),
                "status": OfferStatus.OPEN,
            },
        )
    ],
}

OTHER = {
    "smartrecruiters_gousto_posting.json": [
        Facts(
            id="744000005631445",
            places="London//GB",
            employment=FULL,
            pay=((None, 7_500_000, "GBP", YEAR, None, FIELD),),
            more={"requisition_id": "000000000426", "language": "en", "status": OfferStatus.OPEN},
        )
    ],
    "workable_widget_southern_national_2jobs.json": [
        Facts(
            id="7659BE0024",
            places="Wilmington/Delaware/US",
            employment=FULL,
            more={
                "department": "Sales",
                "published_at": date(2023, 6, 28),
                "requirements": 7,
                "requisition_id": None,
            },
        ),
        Facts(id="E07D9D1957", places="Philadelphia/Pennsylvania/US", employment=FULL),
    ],
}

FOLDERS = [
    ("greenhouse", Provider.GREENHOUSE, GREENHOUSE),
    ("lever", Provider.LEVER, LEVER),
    ("ashby", Provider.ASHBY, ASHBY),
    ("workday", Provider.WORKDAY, WORKDAY),
    ("icims", Provider.ICIMS, ICIMS),
    ("other", Provider.CUSTOM, OTHER),
]
CASES = [
    pytest.param(provider, ATS / folder / name, facts, id=f"{folder}-{facts.id}-{name[:24]}")
    for folder, provider, files in FOLDERS
    for name, records in files.items()
    for facts in records
]


def load(path: Path) -> Any:
    return json.loads(path.read_text())


def read(
    provider: Provider, path: Path, options: NormalizeOptions | None = None
) -> list[NormalizedJob]:
    """Every record of a file, all of which must be taken."""
    jobs = []
    for record in records_of(provider, load(path)).records:
        result = normalize(provider, record, options or NormalizeOptions())
        assert isinstance(result, Normalized), result
        jobs.append(result.job)
    return jobs


def written(place: Place) -> str:
    return f"{place.city or ''}/{place.region or ''}/{place.country or ''}" + "*" * place.remote


@pytest.mark.parametrize(("provider", "path", "facts"), CASES)
def test_a_record_is_read_as_a_careful_person_reads_it(provider, path, facts):
    """Identity, places, types, pay, warnings and the rest are what the payload makes certain."""
    records = records_of(provider, load(path)).records
    results = [normalize(provider, record) for record in records]
    found = next(
        r for r in results if isinstance(r, Normalized) and r.job.external_job_id == facts.id
    )
    job = found.job
    assert ";".join(written(place) for place in job.locations) == facts.places
    assert (job.employment_type, job.workplace_type) == (facts.employment, facts.workplace)
    pay = [
        (p.min_minor, p.max_minor, p.currency, p.interval, p.suggested_interval, p.source)
        for p in job.pay
    ]
    assert tuple(pay) == facts.pay
    assert sorted({warning.code for warning in found.warnings}) == sorted(facts.warnings)
    for name, value in facts.more.items():
        seen = getattr(job, name)
        assert (len(seen) if name == "requirements" else seen) == value, name


@pytest.mark.parametrize(
    ("provider", "path"),
    [
        pytest.param(provider, ATS / folder / name, id=f"{folder}-{name}")
        for folder, provider, files in FOLDERS
        for name in files
    ],
)
def test_every_record_of_a_file_is_expected(provider, path):
    """No record of a file is left without an expectation, and each has a clean title and text."""
    folder = next(files for _, known, files in FOLDERS if known is provider)
    jobs = read(provider, path)
    assert [job.external_job_id for job in jobs] == [facts.id for facts in folder[path.name]]
    for job in jobs:
        assert job.title == " ".join(job.title.split())
        assert "<script" not in job.description_html
        assert "style=" not in job.description_html
        assert "&nbsp;" not in job.description_text
        assert "<p" not in job.description_text
        assert job.apply_url is None or job.apply_url.startswith("https://")


def test_greenhouse_snapshots_differ_by_one_role():
    """Three days apart, one role is gone and the others have the same content."""
    from xaigh_server.ats.content import content_hash
    from xaigh_server.ats.fingerprint import raw_hash

    folder = ATS / "greenhouse" / "snapshots"
    before = {
        j.external_job_id: j for j in read(Provider.GREENHOUSE, folder / "codepath_2024-08-05.json")
    }
    after = {
        j.external_job_id: j for j in read(Provider.GREENHOUSE, folder / "codepath_2024-08-08.json")
    }
    assert (len(before), len(after)) == (15, 14)
    assert set(before) - set(after) == {"4035993007"}
    assert all(content_hash(job) == content_hash(before[key]) for key, job in after.items())
    hashes = [
        {raw_hash(Provider.GREENHOUSE, record) for record in load(path)["jobs"]}
        for path in sorted(folder.iterdir())
    ]
    assert hashes[1] < hashes[0]


MOTOROLA_UK = [
    ("cxs_list_motorola_uk_2024-08-08_offset0.json", 20, 31),
    ("cxs_list_motorola_uk_2024-08-08_offset20.json", 11, None),
]


def test_a_workday_list_in_two_pages_is_one_board():
    """Two pages hold 31 roles with 31 ids; the second page's total of 0 is no total."""
    ids = set()
    for name, count, total in MOTOROLA_UK:
        document = load(ATS / "workday" / name)
        taken = records_of(Provider.WORKDAY, document)
        assert (len(taken.records), taken.total) == (count, total)
        ids |= {job.external_job_id for job in read(Provider.WORKDAY, ATS / "workday" / name)}
    assert len(ids) == 31
    assert {"R48898", "R47820", "R48791", "R48793"} <= ids


LIST_ROWS = [
    # file, id, places, workplace, warnings
    ("cxs_list_motorola_uk_2024-08-08_offset0.json", "R48881", "//GB*", REMOTE, set()),
    ("cxs_list_motorola_uk_2024-08-08_offset0.json", "R49077", "Edinburgh//GB", None, set()),
    (
        "cxs_list_motorola_uk_2024-08-08_offset0.json",
        "R48609",
        "Rugby//GB",
        None,
        {"LOCATION_INCOMPLETE"},
    ),
    (
        "cxs_list_motorola_uk_2024-08-08_offset20.json",
        "R45692",
        "London//GB",
        None,
        {"LOCATION_INCOMPLETE"},
    ),
    ("cxs_list_workday.json", "JR-0105489", "Reston/VA/US", ONSITE, set()),
    ("cxs_list_workday.json", "JR-0105494", "Reston/VA/US", HYBRID, set()),
    ("cxs_list_page0_locations_count.json", "R264661", "Beaverton/OR/US", None, set()),
    ("cxs_list_page0_locations_count.json", "R264440", "San Jose/CA/US", None, set()),
    ("cxs_list_page0_locations_count.json", "R264650", "", None, {"LOCATION_INCOMPLETE"}),
    ("cxs_list_page0_locations_count.json", "R264060", "Bangalore//IN", None, set()),
    ("cxs_list_page0_locations_count.json", "R265191", "Cavite//PH", None, set()),
    ("cxs_list_total_zero.json", "R263995", "Limerick//IE", None, set()),
    ("cxs_list_total_zero.json", "R261350", "Austin/TX/US", None, set()),
    ("cxs_list_total_zero.json", "R263842", "Penang//MY", None, set()),
    ("cxs_list_total_zero.json", "R258818", "", None, {"LOCATION_INCOMPLETE"}),
]


@pytest.mark.parametrize(("name", "identity", "places", "workplace", "warnings"), LIST_ROWS)
def test_a_row_of_a_workday_list(name, identity, places, workplace, warnings):
    """A row gives an id, a title and a place that may be only a count; the rest is unknown."""
    results = [
        normalize(Provider.WORKDAY, record)
        for record in records_of(Provider.WORKDAY, load(ATS / "workday" / name)).records
    ]
    taken = [each for each in results if isinstance(each, Normalized)]
    assert len(taken) == len(results)
    found = next(each for each in taken if each.job.external_job_id == identity)
    assert ";".join(written(place) for place in found.job.locations) == places
    assert found.job.workplace_type is workplace
    assert {warning.code for warning in found.warnings} == warnings
    assert "description" in found.job.omitted
    assert found.job.published_at is None


@pytest.mark.parametrize(
    "name", ["cxs_list_page0_locations_count.json", "cxs_list_total_zero.json"]
)
def test_every_row_of_a_workday_list_has_its_own_id(name):
    """Same titles and places are normal; twenty rows are twenty roles."""
    jobs = read(Provider.WORKDAY, ATS / "workday" / name)
    assert len({job.external_job_id for job in jobs}) == len(jobs) == 20


RAAS_MAP = {
    "externalJobId": "Job_Requisition_ID",
    "requisitionId": "Job_Requisition_ID",
    "title": "Job_Posting_Title",
    "description": "Job_Description",
    "status": "Job_Requisition_Status",
    "canonicalUrl": "External_Posting_URL",
    "locations": "Primary_Location, Additional_Locations",
    "locations.country": "Country",
    "employmentType": "Time_Type, Worker_Sub-Type",
    "department": "Supervisory_Organization",
    "pay.min": "Compensation_Minimum",
    "pay.max": "Compensation_Maximum",
    "pay.currency": "Compensation_Currency",
    "pay.interval": "Compensation_Frequency",
    "updatedAt": "Last_Updated",
    "$escaped": "1",
    "$separator": "; ",
}


def test_a_workday_report_is_read_by_its_field_map():
    """Columns are the customer's own: with a map they are read, without one they are refused."""
    field_map, faults = parse_field_map(RAAS_MAP)
    assert faults == []
    path = ATS / "workday" / "raas_report_entry_constructed.json"
    analyst, operative = read(Provider.WORKDAY, path, NormalizeOptions(field_map=field_map))
    assert [written(p) for p in analyst.locations] == ["//GB", "//", "//GB*"]
    assert analyst.pay[0].min_minor == 3_100_000
    assert (analyst.pay[0].currency, analyst.pay[0].interval) == ("GBP", YEAR)
    assert analyst.description_html == "<p>Run monthly payroll for 2,000 staff.</p>"
    assert (analyst.status, analyst.employment_type) == (OfferStatus.OPEN, FULL)
    assert analyst.updated_at == datetime(2026, 8, 20, 15, 15, 22, 114000, tzinfo=UTC)
    assert (operative.status, operative.employment_type) == (OfferStatus.CLOSED, TEMPORARY)
    assert (operative.pay[0].min_minor, operative.pay[0].interval) == (1315, HOUR)
    assert operative.canonical_url is None
    unmapped = normalize(Provider.WORKDAY, records_of(Provider.WORKDAY, load(path)).records[0])
    assert isinstance(unmapped, Rejected)
    assert unmapped.rejections[0].code == "FIELD_MAP_REQUIRED"


def test_an_icims_search_answer_holds_ids_only():
    """Its rows are seen, and refused: they are no jobs."""
    path = ATS / "icims" / "job_portal_search_response_docs.json"
    rows = records_of(Provider.ICIMS, load(path)).records
    results = [normalize(Provider.ICIMS, row) for row in rows]
    refused = [each for each in results if isinstance(each, Rejected)]
    assert [each.external_job_id for each in refused] == ["1709", "1708", "1707"]
    assert len(refused) == len(results)
    assert all(each.rejections[0].code == "UNKNOWN_FORM" for each in refused)


def test_an_expired_posting_is_closed_when_the_time_is_known():
    """The closing date of structured markup has passed; no clock, no judgement."""
    path = ATS / "icims" / "portal_jsonld_bds_value_unittext.json"
    later = NormalizeOptions(now=datetime(2026, 4, 1, tzinfo=UTC))
    result = normalize(Provider.ICIMS, load(path), later)
    assert isinstance(result, Normalized)
    assert result.job.status is OfferStatus.CLOSED
    assert [warning.code for warning in result.warnings] == ["EXPIRED"]


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("icims", "job_profile_api_approved.json"),
        ("other", "smartrecruiters_gousto_posting.json"),
    ],
)
def test_people_leave_no_trace(folder, name):
    """Changing who hires changes neither hash: people are dropped before anything is hashed."""
    from xaigh_server.ats.fingerprint import raw_hash, without_personal

    provider = Provider.ICIMS if folder == "icims" else Provider.CUSTOM
    payload = load(ATS / folder / name)
    other = json.loads(json.dumps(payload))
    for key in ("hiringmanager", "recruiter", "creator"):
        if key in other:
            other[key] = {"value": "Somebody Else"}
    for entry in other.get("customField", []):
        if "Manager" in entry["fieldLabel"] and "Hiring" in entry["fieldLabel"]:
            entry["valueLabel"] = "Somebody Else"
    assert other != payload
    assert raw_hash(provider, other) == raw_hash(provider, payload)
    assert "Somebody Else" not in json.dumps(without_personal(other))
