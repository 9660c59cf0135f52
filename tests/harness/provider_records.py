"""One good record in each shape that a provider sends; all of it is made up."""

from __future__ import annotations

import copy
import html
from collections.abc import Iterator

import pytest

from xaigh_server.ats.providers.record import Provider

DESCRIPTION = (
    "<p>Keep the <b>dock</b> moving &amp; safe.</p>"
    "<h3>What you bring</h3><ul><li>A forklift licence</li><li>Two years on a dock</li></ul>"
    "<h3>We offer</h3><ul><li>Shoes</li></ul>"
)

GREENHOUSE: dict[str, object] = {
    "id": 7001001,
    "internal_job_id": 8001001,
    "title": "Dock Lead",
    "absolute_url": "https://boards.greenhouse.io/northdepot/jobs/7001001",
    "location": {"name": "Columbus, OH"},
    "metadata": [{"id": 5, "name": "Employment Type", "value": "Full-time"}],
    "updated_at": "2026-05-04T09:12:44-04:00",
    "first_published": "2026-05-01T09:00:00-04:00",
    "requisition_id": "R-17",
    "language": "en",
    "content": html.escape(DESCRIPTION),
    "departments": [{"id": 1, "name": "Docks ", "parent_id": None, "child_ids": []}],
    "offices": [{"id": 2, "name": "Columbus", "location": "Columbus, Ohio, United States"}],
    "pay_input_ranges": [
        {
            "min_cents": 2150,
            "max_cents": 2600,
            "currency_type": "USD",
            "title": "Hourly pay",
            "blurb": "",
        }
    ],
}
HARVEST_JOB: dict[str, object] = {
    "id": 9001,
    "name": "Dock Lead",
    "requisition_id": "R-17",
    "status": "open",
    "confidential": False,
    "opened_at": "2026-05-01T13:00:00Z",
    "updated_at": "2026-05-04T13:12:44Z",
    "departments": [{"id": 1, "name": "Docks", "parent_id": None}],
    "offices": [{"id": 2, "name": "Columbus", "location": {"name": "Columbus, Ohio"}}],
    "openings": [{"id": 1, "status": "open"}],
    "hiring_team": {"recruiters": [{"id": 3, "name": "A Person"}]},
    "keyed_custom_fields": {
        "salary_range": {
            "name": "Salary",
            "type": "currency_range",
            "value": {"min_value": "52000", "max_value": "61500.0", "unit": "USD"},
        },
        "employment_type": {"name": "Employment Type", "value": "Full-time"},
    },
}
HARVEST_POST: dict[str, object] = {
    "id": 7001001,
    "job_id": 9001,
    "title": "Dock Lead",
    "location": {"name": "Columbus, OH"},
    "internal": False,
    "external": True,
    "active": True,
    "live": True,
    "first_published_at": "2026-05-01T13:00:00Z",
    "updated_at": "2026-05-04T13:12:44Z",
    "content": DESCRIPTION,
}
HARVEST_V3_JOB: dict[str, object] = {
    "id": 9001,
    "name": "Dock Lead (internal)",
    "requisition_id": "R-17",
    "status": "open",
    "confidential": False,
    "is_template": False,
    "copied_from_id": None,
    "opened_at": "2026-05-01T12:00:00Z",
    "updated_at": "2026-05-03T13:12:44Z",
    "department_id": 11,
    "office_ids": [2],
    "custom_fields": {
        "employment_type": {
            "name": "Employment Type",
            "type": "single_select",
            "value": "Full-time",
        },
        "workplace": {"name": "Workplace", "type": "single_select", "value": "On-site"},
        "notes_for_us": {"name": "Notes", "type": "long_text", "value": None},
    },
}
HARVEST_V3: dict[str, object] = {
    "job": HARVEST_V3_JOB,
    "posts": [
        {
            "id": 7001001,
            "job_id": 9001,
            "job_board_id": 4,
            "title": "Dock Lead",
            "internal": False,
            "active": True,
            "live": True,
            "first_published_at": "2026-05-01T13:00:00Z",
            "updated_at": "2026-05-04T13:12:44Z",
            "language": "en",
            "public_url": "https://job-boards.greenhouse.io/northdepot/jobs/7001001",
            "content": DESCRIPTION,
            "questions": [{"name": "first_name"}],
        }
    ],
    "locations": [
        {"id": 31, "job_post_id": 7001001, "type": "office", "office_id": 2},
        {
            "id": 32,
            "job_post_id": 7001001,
            "type": "free_text",
            "plain_text_location": "Erie, Pennsylvania, United States",
        },
        {"id": 33, "job_post_id": 7009999, "type": "free_text", "plain_text_location": "Leeds, UK"},
    ],
    "offices": [
        {"id": 2, "name": "Columbus", "location": "Columbus, Ohio, United States"},
        {"id": 3, "name": "Leeds", "location": "Leeds, England, United Kingdom"},
    ],
    "departments": [
        {"id": 1, "name": "Docks", "parent_id": None},
        {"id": 11, "name": "Nights", "parent_id": 1},
        {"id": 5, "name": "Finance", "parent_id": None},
    ],
    "pay": [
        {
            "id": 41,
            "pay_input_id": 51,
            "job_post_id": 7001001,
            "min_cents": 2150,
            "max_cents": 2600,
            "currency_type": "USD",
        },
        {
            "id": 42,
            "pay_input_id": 52,
            "job_post_id": 7001001,
            "min_cents": 100000,
            "max_cents": 200000,
            "currency_type": "USD",
        },
    ],
    "pay_inputs": [{"id": 51, "title": "Hourly pay"}, {"id": 52, "title": "Annual bonus"}],
}
LEVER: dict[str, object] = {
    "id": "1f0c2a44-6d1e-4b63-9a55-0c9f0d3b7e21",
    "text": "Dock Lead",
    "categories": {
        "commitment": "Full-time",
        "department": "Docks",
        "location": "Leeds",
        "team": "Nights",
        "allLocations": ["Leeds", "Antwerp"],
    },
    "country": "GB",
    "workplaceType": "on-site",
    "createdAt": 1777885964123,
    "description": "<div>Keep the dock moving.</div>",
    "descriptionPlain": "Keep the dock moving.",
    "lists": [
        {"text": "What you'll do", "content": "<li>Load</li>"},
        {"text": "Who you are", "content": "<li>Careful</li><li>Early</li>"},
    ],
    "additional": "<div>We pay for boots.</div>",
    "hostedUrl": "https://jobs.lever.co/northdepot/1f0c2a44-6d1e-4b63-9a55-0c9f0d3b7e21",
    "applyUrl": "https://jobs.lever.co/northdepot/1f0c2a44-6d1e-4b63-9a55-0c9f0d3b7e21/apply",
    "salaryRange": {"min": 22.4, "max": 26, "currency": "GBP", "interval": "per-hour-wage"},
}
LEVER_DATA: dict[str, object] = {
    "id": "1f0c2a44-6d1e-4b63-9a55-0c9f0d3b7e21",
    "text": "Dock Lead",
    "state": "published",
    "distributionChannels": ["public", "internal"],
    "confidentiality": "non-confidential",
    "createdAt": 1777885964123,
    "updatedAt": 1777972364123,
    "user": "8d49b010-cc6a-4f40-ace5-e86061c677ed",
    "owner": "8d49b010-cc6a-4f40-ace5-e86061c677ed",
    "hiringManager": "8d49b010-cc6a-4f40-ace5-e86061c677ee",
    "followers": ["8d49b010-cc6a-4f40-ace5-e86061c677ee"],
    "categories": {
        "commitment": "Full-time",
        "department": "Docks",
        "level": "Senior",
        "location": "Leeds",
        "team": "Nights",
        "allLocations": ["Leeds", "Antwerp"],
    },
    "country": "GB",
    "tags": [],
    "content": {
        "description": "Keep the dock moving.",
        "descriptionHtml": "<div>Keep the dock moving.</div>",
        "lists": [
            {"text": "What you'll do", "content": "<li>Load</li>"},
            {"text": "Who you are", "content": "<li>Careful</li><li>Early</li>"},
        ],
        "closing": "We pay for boots.",
        "closingHtml": "<div>We pay for boots.</div>",
        "customQuestions": [],
    },
    "workplaceType": "onsite",
    "reqCode": "REQ-17",
    "requisitionCodes": ["REQ-17"],
    "salaryDescription": "",
    "salaryDescriptionHtml": "",
    "salaryRange": {"min": 22.4, "max": 26, "currency": "GBP", "interval": "per-hour-wage"},
    "urls": {
        "list": "https://jobs.lever.co/northdepot",
        "show": "https://jobs.lever.co/northdepot/1f0c2a44-6d1e-4b63-9a55-0c9f0d3b7e21",
        "apply": "https://jobs.lever.co/northdepot/1f0c2a44-6d1e-4b63-9a55-0c9f0d3b7e21/apply",
    },
}
ASHBY: dict[str, object] = {
    "id": "5b7f9f0e-2c0a-4f43-8f0e-7d2f3f0c1a10",
    "title": "Dock Lead",
    "department": "Docks",
    "team": "Nights",
    "employmentType": "FullTime",
    "location": "Leeds",
    "address": {
        "postalAddress": {
            "addressLocality": "Leeds",
            "addressRegion": "England",
            "addressCountry": "United Kingdom",
        }
    },
    "secondaryLocations": [
        {
            "location": "Antwerp",
            "address": {"addressLocality": "Antwerp", "addressCountry": "Belgium"},
        }
    ],
    "isRemote": False,
    "workplaceType": "OnSite",
    "isListed": True,
    "publishedAt": "2026-05-04T09:12:44.120+00:00",
    "jobUrl": "https://jobs.ashbyhq.com/northdepot/5b7f9f0e-2c0a-4f43-8f0e-7d2f3f0c1a10",
    "applyUrl": "https://jobs.ashbyhq.com/northdepot/5b7f9f0e-2c0a-4f43-8f0e-7d2f3f0c1a10/application",
    "descriptionHtml": DESCRIPTION,
    "compensation": {
        "compensationTiers": [
            {
                "title": "Leeds",
                "components": [
                    {"compensationType": "Bonus", "interval": "1 YEAR", "minValue": 900},
                    {
                        "compensationType": "Salary",
                        "interval": "1 MONTH",
                        "currencyCode": "GBP",
                        "minValue": 2800,
                        "maxValue": 3100,
                    },
                ],
            }
        ]
    },
}
ASHBY_PARTNER: dict[str, object] = {
    "id": "5b7f9f0e-2c0a-4f43-8f0e-7d2f3f0c1a10",
    "organizationId": "org-77",
    "organizationName": "North Depot",
    "title": "Dock Lead",
    "departmentName": "Docks",
    "teamName": "Nights",
    "employmentType": "PartTime",
    "externalLink": "https://careers.northdepot.example.com/jobs/5b7f",
    "updatedAt": "2026-05-05T10:00:00Z",
    "publishedAt": "2026-05-04",
    "locations": [
        {
            "locationName": "Leeds",
            "address": {"addressLocality": "Leeds", "addressCountry": "GB"},
            "isRemote": False,
            "isPrimaryLocation": True,
        }
    ],
    "compensationTiers": [],
}
ASHBY_POSTING: dict[str, object] = {
    "id": "5b7f9f0e-2c0a-4f43-8f0e-7d2f3f0c1a10",
    "title": "Dock Lead",
    "jobId": "0f9c1d55-1111-4a4a-9f9f-000000000001",
    "departmentName": "Docks",
    "teamName": "Nights",
    "locationName": "Leeds, England, United Kingdom",
    "locationIds": {"primaryLocationId": "loc-1", "secondaryLocationIds": []},
    "workplaceType": "OnSite",
    "employmentType": "FullTime",
    "isListed": True,
    "publishedDate": "2026-05-04",
    "applicationDeadline": None,
    "externalLink": "https://jobs.ashbyhq.com/northdepot/5b7f9f0e-2c0a-4f43-8f0e-7d2f3f0c1a10",
    "applyLink": "https://jobs.ashbyhq.com/northdepot/5b7f9f0e-2c0a-4f43-8f0e-7d2f3f0c1a10/application",
    "compensationTierSummary": "GBP 2,800 - GBP 3,100 per month \u2022 0.5% - 1% \u2022 Bonus",
    "shouldDisplayCompensationOnJobBoard": True,
    "updatedAt": "2026-05-05T10:00:00.000Z",
}
WORKDAY_ROW: dict[str, object] = {
    "title": "Dock Lead",
    "externalPath": "/job/Columbus-Ohio/Dock-Lead_JR-00417-1",
    "locationsText": "US, OH, Columbus",
    "postedOn": "Posted 3 Days Ago",
    "bulletFields": ["Columbus", "JR-00417"],
    "remoteType": "Onsite",
}
WORKDAY_DETAIL: dict[str, object] = {
    "jobPostingInfo": {
        "id": "0aa1bb22cc33dd44ee55ff6600770000",
        "title": "Dock Lead",
        "jobDescription": DESCRIPTION,
        "location": "US, OH, Columbus",
        "additionalLocations": ["US, PA, Erie"],
        "postedOn": "Posted 3 Days Ago",
        "startDate": "2026-05-01",
        "timeType": "Full time",
        "jobReqId": "JR-00417",
        "jobPostingId": "Dock-Lead_JR-00417-1",
        "country": {"descriptor": "United States of America", "id": "bc33"},
        "canApply": True,
        "posted": True,
        "jobRequisitionLocation": {
            "descriptor": "US, OH, Columbus",
            "country": {"descriptor": "United States of America", "alpha2Code": "US"},
        },
        "externalUrl": "https://northdepot.wd5.myworkdayjobs.com/Docks/job/Columbus/Dock-Lead_JR-00417-1",
    },
    "hiringOrganization": {"name": "100 North Depot LLC"},
    "similarJobs": [],
}
WORKDAY_REST: dict[str, object] = {
    "id": "0aa1bb22cc33dd44ee55ff6600770000",
    "title": "Dock Lead",
    "timeType": {"descriptor": "Part time"},
    "jobType": {"descriptor": "Regular"},
    "primaryLocation": {
        "descriptor": "Columbus",
        "country": {"descriptor": "United States of America", "alpha3Code": "USA"},
        "region": {"code": "OH", "descriptor": "Ohio"},
    },
    "additionalLocations": [{"descriptor": "Erie, PA"}],
    "categories": [{"descriptor": "Docks"}],
    "jobSite": {"descriptor": "Careers"},
    "startDate": "2026-05-01",
    "url": "https://northdepot.wd5.myworkdayjobs.com/Docks/job/Columbus/Dock-Lead_JR-00417",
    "jobDescription": DESCRIPTION,
}
ICIMS_ATTRACT: dict[str, object] = {
    "data": {
        "slug": "40771",
        "req_id": "2026-40771",
        "client_code": "northdepot",
        "language": "en-us",
        "title": "Dock Lead",
        "description": "<p>Keep the dock moving.</p>",
        "responsibilities": "<ul><li>Load</li></ul>",
        "qualifications": "<ul><li>A forklift licence</li></ul>",
        "location_name": "Columbus, OH",
        "city": "Columbus",
        "state": "Ohio",
        "country": "United States",
        "country_code": "US",
        "postal_code": "43004",
        "latitude": 39.96,
        "longitude": -83.0,
        "full_location": "Columbus, Ohio",
        "tags1": ["Full-Time"],
        "tags2": ["On-site"],
        "salary_min_value": 21.5,
        "salary_max_value": 26,
        "salary_value": 0,
        "salary_currency": "USD",
        "salary_frequency": "HOURLY",
        "posted_date": "2026-05-01T09:00:00+0000",
        "update_date": "2026-05-04T13:12:44+0000",
        "apply_url": "https://careers-northdepot.icims.com/jobs/40771/login",
        "searchable": True,
        "applyable": True,
        "ats_code": "icims",
        "meta_data": {
            "canonical_url": "https://jobs.northdepot.example.com/jobs/40771?lang=en-us",
            "icims": {"jps_is_public": True},
        },
    }
}
ICIMS_PROFILE: dict[str, object] = {
    "jobtitle": "Dock Lead",
    "jobid": "2026-40771",
    "folder": {"id": "D1", "value": "Approved", "formattedvalue": "Approved"},
    "positiontype": {"id": "D2", "value": "Regular Part-Time", "formattedvalue": "Part-Time"},
    "department": {"id": "C3", "value": "Docks", "formattedvalue": "Docks"},
    "joblocation": {"id": 4, "companyid": 5, "value": "US-OH-Columbus"},
    "overview": "<p>Keep the dock moving.</p>",
    "qualifications": "<ul><li>A forklift licence</li></ul>",
    "updateddate": "2026-05-04 01:12 PM",
    "hiringmanager": {"id": 6, "value": "A Person"},
    "links": [{"rel": "self", "url": "https://api.icims.com/customers/7788/jobs/40771"}],
}
JOB_POSTING: dict[str, object] = {
    "@context": "https://schema.org",
    "@type": "JobPosting",
    "identifier": {"@type": "PropertyValue", "name": "North Depot", "value": "ND-40771"},
    "title": "Dock Lead",
    "description": DESCRIPTION,
    "datePosted": "2026-05-01",
    "validThrough": "2026-07-01T00:00:00Z",
    "employmentType": ["PART_TIME"],
    "hiringOrganization": {"@type": "Organization", "name": "North Depot"},
    "jobLocation": {
        "@type": "Place",
        "address": {
            "@type": "PostalAddress",
            "addressLocality": "Columbus",
            "addressRegion": "OH",
            "postalCode": "43004",
            "addressCountry": "US",
        },
    },
    "baseSalary": {
        "@type": "MonetaryAmount",
        "currency": "USD",
        "value": {
            "@type": "QuantitativeValue",
            "minValue": 21.5,
            "maxValue": 26,
            "unitText": "HOUR",
        },
    },
    "url": "https://jobs.northdepot.example.com/nd-40771",
}
NORMALIZED: dict[str, object] = {
    "externalJobId": "40771",
    "title": "Dock Lead",
    "descriptionHtml": DESCRIPTION,
    "employmentType": "FULL_TIME",
    "workplaceType": "ONSITE",
    "locations": [{"raw": "Columbus, OH", "city": "Columbus", "region": "OH", "country": "US"}],
    "pay": [
        {
            "minMinor": "2150",
            "maxMinor": "2600",
            "currency": "USD",
            "interval": "HOUR",
            "label": "Dock pay",
        }
    ],
    "applyUrl": "https://jobs.northdepot.example.com/40771/apply",
    "status": "OPEN",
    "updatedAt": "2026-05-04T13:12:44Z",
}
SMARTRECRUITERS: dict[str, object] = {
    "id": "743999000111222",
    "name": "Dock Lead",
    "refNumber": "REF17X",
    "releasedDate": "2026-05-01T09:00:00.000Z",
    "company": {"name": "North Depot", "identifier": "NorthDepot"},
    "location": {"city": "Leeds", "country": "gb", "remote": False},
    "typeOfEmployment": {"id": "part_time", "label": "Part-time"},
    "department": {"label": "Docks"},
    "customField": [
        {"fieldLabel": "Pay frequency", "valueLabel": "Monthly"},
        {"fieldLabel": "Minimum Hourly Wage", "valueLabel": "13.50 GBP"},
        {"fieldLabel": "Hiring Manager", "valueLabel": "A Person"},
    ],
    "creator": {"name": "A Person"},
    "postingUrl": "https://jobs.smartrecruiters.com/NorthDepot/743999000111222-dock-lead",
    "applyUrl": "https://jobs.smartrecruiters.com/NorthDepot/743999000111222-dock-lead?oga=true",
    "jobAd": {"sections": {"qualifications": {"text": "<ul><li>A licence</li></ul>"}}},
    "active": True,
    "visibility": "PUBLIC",
}
WORKABLE: dict[str, object] = {
    "shortcode": "A1B2C3D4E5",
    "title": "Dock Lead",
    "code": "R-17",
    "employment_type": "Full-time",
    "telecommuting": True,
    "department": "Docks",
    "url": "https://apply.workable.com/j/A1B2C3D4E5",
    "application_url": "https://apply.workable.com/j/A1B2C3D4E5/apply",
    "published_on": "2026-05-01",
    "locations": [{"countryCode": "US", "city": "Columbus", "region": "Ohio", "hidden": False}],
    "description": DESCRIPTION,
}

SHAPES: list[tuple[str, Provider, dict[str, object]]] = [
    ("greenhouse", Provider.GREENHOUSE, GREENHOUSE),
    ("harvest-job", Provider.GREENHOUSE, HARVEST_JOB),
    ("harvest-post", Provider.GREENHOUSE, HARVEST_POST),
    ("harvest-v3", Provider.GREENHOUSE, HARVEST_V3),
    ("harvest-v3-bare", Provider.GREENHOUSE, HARVEST_V3_JOB),
    ("lever", Provider.LEVER, LEVER),
    ("ashby", Provider.ASHBY, ASHBY),
    ("lever-data", Provider.LEVER, LEVER_DATA),
    ("ashby-posting", Provider.ASHBY, ASHBY_POSTING),
    ("ashby-partner", Provider.ASHBY, ASHBY_PARTNER),
    ("workday-row", Provider.WORKDAY, WORKDAY_ROW),
    ("workday-detail", Provider.WORKDAY, WORKDAY_DETAIL),
    ("workday-rest", Provider.WORKDAY, WORKDAY_REST),
    ("icims-attract", Provider.ICIMS, ICIMS_ATTRACT),
    ("icims-profile", Provider.ICIMS, ICIMS_PROFILE),
    ("job-posting", Provider.CUSTOM, JOB_POSTING),
    ("normalized", Provider.CUSTOM, NORMALIZED),
    ("smartrecruiters", Provider.CUSTOM, SMARTRECRUITERS),
    ("workable", Provider.CUSTOM, WORKABLE),
]
EVERY = [pytest.param(provider, sample, id=name) for name, provider, sample in SHAPES]


def _names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for member in value.values():
            yield from _names(member)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)


MEMBERS = frozenset(name for _, _, sample in SHAPES for name in _names(sample))
"""Every member name that a provider uses, at any depth."""


def changed(sample: dict[str, object], **members: object) -> dict[str, object]:
    """A copy with some members replaced, "a__b" for one within another, `...` to take one out."""
    copied = copy.deepcopy(sample)
    for path, value in members.items():
        *outer, name = path.split("__")
        holder = copied
        for key in outer:
            inner = holder[key]
            assert isinstance(inner, dict)
            holder = inner
        if value is ...:
            holder.pop(name)
        else:
            holder[name] = value
    return copied
