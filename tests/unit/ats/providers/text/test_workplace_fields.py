"""The workplace type among a customer's own fields."""

from __future__ import annotations

import pytest
from tests.harness import normalizing
from tests.harness.provider_records import GREENHOUSE, SMARTRECRUITERS, WORKABLE, changed

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.record import Provider, Workplace
from xaigh_server.ats.providers.text import vocabulary, workplace_fields

REMOTE, HYBRID, ONSITE = Workplace.REMOTE, Workplace.HYBRID, Workplace.ONSITE

NAMES = (
    "Workplace|Workplace Type|Work Place|workplace_type|Workplace Model|Work Model|Work Mode"
    "|Work Arrangement|Working Arrangement|Work Style|Work Setting|Working Model|Work Environment"
    "|Location Type|Job Location Type|Remote Type|Remote Status|Remote Work|Remote/Hybrid/Onsite"
    "|Onsite / Remote|Office Type|Flexibility Type|Arbeitsmodell|Télétravail|Modalidad|Modalité"
    "|Work Location|Remote|Remote?|Hybrid or Remote|Telework Eligibility"
)


@pytest.mark.parametrize("name", NAMES.split("|"))
def test_a_field_of_such_a_name_is_read(name):
    """All the names that customers give it."""
    notes = Notes()
    assert workplace_fields.workplace([(name, "Hybrid")], "metadata", notes) is HYBRID
    assert notes.warnings == []


OTHERS = (
    "Workplace Address|Employment Type|Worker Type|Workday ID|Location|Department|Team|Work Visa"
    "|Home Office Stipend|Remote Office Budget|Office|Hiring Team|Workplace Safety|Country"
)


@pytest.mark.parametrize("name", OTHERS.split("|"))
def test_other_fields_say_nothing_of_it(name):
    """Also where a word of the kind stands in them."""
    assert workplace_fields.workplace([(name, "Remote")], "metadata", Notes()) is None


VALUES = [
    # name, value, workplace, whether it is warned about
    ("Workplace", "On-site", ONSITE, False),
    ("Workplace", "Fully remote", REMOTE, False),
    ("Workplace", ["Remote"], REMOTE, False),
    ("Workplace", ["Remote", "Hybrid"], None, True),
    ("Workplace", "Remote or Hybrid", None, True),
    ("Workplace", "Somewhere", None, True),
    ("Workplace", "TBD", None, False),
    ("Workplace", "", None, False),
    ("Workplace", None, None, False),
    ("Workplace", 7, None, False),
    ("Workplace", {"unit": "x"}, None, False),
    ("Workplace", True, None, False),
    ("Remote", True, REMOTE, False),
    ("Remote?", "Yes", REMOTE, False),
    ("Remote", "No", None, False),
    ("Remote", False, None, False),
    ("Fully Remote", "ja", REMOTE, False),
    ("Home Office", "oui", REMOTE, False),
    ("Remote Eligibility", "Yes", None, False),
    ("Work Location", "Austin, TX", None, False),
    ("Work Location", "Remote", REMOTE, False),
]


@pytest.mark.parametrize(("name", "value", "kind", "warned"), VALUES)
def test_values(name, value, kind, warned):
    """A word, a list of one, yes for what is called remote; no and unknown words are no answer."""
    notes = Notes()
    assert workplace_fields.workplace([(name, value)], "metadata", notes) is kind
    assert [w.code for w in notes.warnings] == ["WORKPLACE_TYPE_UNKNOWN"] * warned


def test_fields_that_contradict_one_another_are_no_answer():
    """Two that agree are one."""
    notes = Notes()
    both = [("Workplace", "Hybrid"), ("Remote Status", "Remote")]
    assert workplace_fields.workplace(both, "metadata", notes) is None
    assert [w.code for w in notes.warnings] == ["WORKPLACE_TYPE_UNKNOWN"]
    same = [("Workplace", "Remote"), ("Remote", "Yes"), ("Team", "Hybrid")]
    assert workplace_fields.workplace(same, "metadata", Notes()) is REMOTE


WORDS = [
    ("Hybrid (2 days in office)", HYBRID),
    ("Hybrid - 3 days on-site", HYBRID),
    ("Hybrid remote", HYBRID),
    ("Hybride", HYBRID),
    ("Híbrido", HYBRID),
    ("Télétravail", REMOTE),
    ("Télétravail partiel", HYBRID),
    ("100% remoto", REMOTE),
    ("Présentiel", ONSITE),
    ("Presencial", ONSITE),
    ("Vor Ort", ONSITE),
    ("Op kantoor", ONSITE),
    ("Work from anywhere", REMOTE),
    ("Hybrid/On-site", None),
    ("Remote, Hybrid", None),
    ("Remote: No", None),
    ("Not remote", None),
    ("Remote-friendly", None),
]


@pytest.mark.parametrize(("text", "kind"), WORDS)
def test_words_for_it(text, kind):
    """In the languages of big employers; a choice is no answer."""
    assert vocabulary.workplace(text) is kind


def test_customers_of_providers():
    """Greenhouse's metadata, SmartRecruiters' custom fields and flags, Workable's type."""
    named = [{"name": "Workplace", "value": "Hybrid"}]
    job = normalizing.job(Provider.GREENHOUSE, changed(GREENHOUSE, metadata=named))
    assert job.workplace_type is HYBRID
    custom = [{"fieldLabel": "Workplace", "valueLabel": "On-site"}]
    location = {"city": "Leeds", "country": "gb", "remote": False}
    posting = changed(SMARTRECRUITERS, location=location, customField=custom)
    assert normalizing.job(Provider.CUSTOM, posting).workplace_type is ONSITE
    posting = changed(SMARTRECRUITERS, location={**location, "hybrid": True})
    assert normalizing.job(Provider.CUSTOM, posting).workplace_type is HYBRID
    workable = changed(WORKABLE, workplace_type="hybrid", telecommuting=False)
    assert normalizing.job(Provider.CUSTOM, workable).workplace_type is HYBRID
