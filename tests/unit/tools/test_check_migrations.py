"""The check of migrations tells what expands from what harms the release before."""

import pytest

from check_migrations import contractions, main

KNOWN = ("0101", "0102", "0103")


def revision(body: str, *, number: int = 103, oldest: str = "") -> str:
    """The source of a revision."""
    stated = f'oldest = "{oldest}"\n' if oldest else ""
    return (
        f'revision = "{number:04}"\ndown_revision = "{number - 1:04}"\n{stated}\n'
        f"def upgrade():\n    {body}\n"
    )


@pytest.mark.parametrize(
    "body",
    [
        'op.create_table("t", sa.Column("a", sa.Text, nullable=False))',
        'op.add_column("t", sa.Column("a", sa.Text))',
        'op.add_column("t", sa.Column("a", sa.Text, nullable=False, server_default=""))',
        'op.create_index(op.f("ix_t_a"), "t", ["a"], unique=False)',
        'op.execute(sa.text("CREATE TRIGGER x BEFORE UPDATE ON t"))',
        'op.execute("UPDATE t SET a = 1")',
        'with op.batch_alter_table("t") as batch_op:\n'
        '        batch_op.add_column(sa.Column("a", sa.Text))',
    ],
)
def test_what_expands_passes(body: str):
    """Programs of the revision before notice nothing of it."""
    assert list(contractions(revision(body), KNOWN)) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('op.drop_column("t", "a")', "drop_column takes away"),
        ('op.drop_table("t")', "drop_table takes away"),
        ('op.rename_table("t", "u")', "rename_table takes away"),
        ('op.alter_column("t", "a", nullable=False)', "alter_column takes away or tightens"),
        ('op.add_column("t", sa.Column("a", sa.Text, nullable=False))', "needs a server_default"),
        ('op.create_index("ux", "t", ["a"], unique=True)', "'ux' is unique: that tightens"),
        ('op.create_check_constraint("c", "t", "a > 0")', "create_check_constraint takes away"),
        ('op.execute("DROP TABLE t")', "execute runs DROP"),
        ('op.execute(sa.text("ALTER TABLE t DROP a"))', "execute runs ALTER"),
        ('with op.batch_alter_table("t") as batch_op:\n        batch_op.drop_column("a")',
         "drop_column takes away"),
    ],
)  # fmt: skip
def test_what_contracts_is_told(body: str, why: str):
    """With its line, and whom it harms."""
    ((line, told),) = contractions(revision(body), KNOWN)
    assert line >= 5
    assert why in told
    assert "programs of 0102 run beside this" in told


def test_a_contraction_may_be_stated():
    """With the revision since which no program uses what goes; it is one before."""
    body = 'op.drop_column("t", "a")'
    assert list(contractions(revision(body, oldest="0102"), KNOWN)) == []
    for wrong in ("0103", "0042"):
        ((_, told),) = contractions(revision(body, oldest=wrong), KNOWN)
        assert "is no revision before this one" in told


def test_the_initial_revision_may_do_anything_and_ours_expand():
    """Nobody runs before the first; the repository's own pass."""
    assert list(contractions(revision("op.drop_table('t')", number=101), KNOWN)) == []
    assert main() == 0
