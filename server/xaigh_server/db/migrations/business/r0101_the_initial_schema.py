"""Initial schema of the business databases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = None

GUARDS = {
    "sqlite": (
        """
CREATE TRIGGER applications_immutable_update BEFORE UPDATE ON applications WHEN NEW.application_id IS NOT OLD.application_id
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.job_id IS NOT OLD.job_id
  OR NEW.integration_id IS NOT OLD.integration_id
BEGIN SELECT RAISE(ABORT, 'applications_immutable'); END
""",
        """
CREATE TRIGGER applications_immutable_replace BEFORE INSERT ON applications
WHEN EXISTS (SELECT 1 FROM applications WHERE number = NEW.number AND (NEW.application_id IS NOT application_id
  OR NEW.organization_id IS NOT organization_id
  OR NEW.job_id IS NOT job_id
  OR NEW.integration_id IS NOT integration_id))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_applications'); END
""",
        """
CREATE TRIGGER audit_events_append_only_update BEFORE UPDATE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit_events_append_only'); END
""",
        """
CREATE TRIGGER audit_events_append_only_delete BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit_events_append_only'); END
""",
        """
CREATE TRIGGER audit_events_append_only_replace BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE organization_id = NEW.organization_id AND sequence = NEW.sequence AND (1))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_audit_events'); END
""",
        """
CREATE TRIGGER job_hold_orders_immutable_update BEFORE UPDATE ON job_hold_orders WHEN NEW.hold_id IS NOT OLD.hold_id
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.reason IS NOT OLD.reason
  OR NEW.held_by IS NOT OLD.held_by
  OR NEW.hold_time IS NOT OLD.hold_time
BEGIN SELECT RAISE(ABORT, 'job_hold_orders_immutable'); END
""",
        """
CREATE TRIGGER job_hold_orders_immutable_replace BEFORE INSERT ON job_hold_orders
WHEN EXISTS (SELECT 1 FROM job_hold_orders WHERE hold_id = NEW.hold_id AND (NEW.hold_id IS NOT hold_id
  OR NEW.organization_id IS NOT organization_id
  OR NEW.reason IS NOT reason
  OR NEW.held_by IS NOT held_by
  OR NEW.hold_time IS NOT hold_time))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_job_hold_orders'); END
""",
        """
CREATE TRIGGER job_hold_orders_release_time_permanent_update BEFORE UPDATE ON job_hold_orders WHEN OLD.release_time IS NOT NULL AND NEW.release_time IS NOT OLD.release_time
BEGIN SELECT RAISE(ABORT, 'job_hold_orders_release_time_permanent'); END
""",
        """
CREATE TRIGGER job_hold_orders_release_time_permanent_delete BEFORE DELETE ON job_hold_orders WHEN OLD.release_time IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'job_hold_orders_release_time_permanent'); END
""",
        """
CREATE TRIGGER job_hold_orders_release_time_permanent_replace BEFORE INSERT ON job_hold_orders
WHEN EXISTS (SELECT 1 FROM job_hold_orders WHERE hold_id = NEW.hold_id AND (release_time IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_job_hold_orders'); END
""",
    ),
    "postgresql": (
        """
CREATE FUNCTION applications_immutable() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF NEW.application_id IS DISTINCT FROM OLD.application_id
  OR NEW.organization_id IS DISTINCT FROM OLD.organization_id
  OR NEW.job_id IS DISTINCT FROM OLD.job_id
  OR NEW.integration_id IS DISTINCT FROM OLD.integration_id THEN
    RAISE EXCEPTION 'applications_immutable'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'applications_immutable';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER applications_immutable BEFORE UPDATE ON applications
FOR EACH ROW EXECUTE FUNCTION applications_immutable()
""",
        """
CREATE FUNCTION audit_events_append_only() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF true THEN
    RAISE EXCEPTION 'audit_events_append_only'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_events_append_only';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events
FOR EACH ROW EXECUTE FUNCTION audit_events_append_only()
""",
        """
CREATE TRIGGER audit_events_append_only_truncate BEFORE TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION audit_events_append_only()
""",
        """
CREATE FUNCTION job_changes_transaction_id() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  NEW.transaction_id = pg_current_xact_id()::text::bigint;
  RETURN NEW;
END $guard$
""",
        """
CREATE TRIGGER job_changes_transaction_id BEFORE INSERT ON job_changes
FOR EACH ROW EXECUTE FUNCTION job_changes_transaction_id()
""",
        """
CREATE FUNCTION job_hold_orders_immutable() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF NEW.hold_id IS DISTINCT FROM OLD.hold_id
  OR NEW.organization_id IS DISTINCT FROM OLD.organization_id
  OR NEW.reason IS DISTINCT FROM OLD.reason
  OR NEW.held_by IS DISTINCT FROM OLD.held_by
  OR NEW.hold_time IS DISTINCT FROM OLD.hold_time THEN
    RAISE EXCEPTION 'job_hold_orders_immutable'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'job_hold_orders_immutable';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER job_hold_orders_immutable BEFORE UPDATE ON job_hold_orders
FOR EACH ROW EXECUTE FUNCTION job_hold_orders_immutable()
""",
        """
CREATE FUNCTION job_hold_orders_release_time_permanent() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.release_time IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.release_time IS DISTINCT FROM OLD.release_time) THEN
    RAISE EXCEPTION 'job_hold_orders_release_time_permanent'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'job_hold_orders_release_time_permanent';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER job_hold_orders_release_time_permanent BEFORE UPDATE OR DELETE ON job_hold_orders
FOR EACH ROW EXECUTE FUNCTION job_hold_orders_release_time_permanent()
""",
    ),
}


def upgrade() -> None:
    """Makes the tables and indexes, then the triggers that guard them."""
    op.create_table(
        "applications",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("employer_user_id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("external_job_id", sa.Text(), nullable=False),
        sa.Column("integration_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_time", sa.BigInteger(), nullable=True),
        sa.Column("lease_time", sa.BigInteger(), nullable=True),
        sa.Column("queued_time", sa.BigInteger(), nullable=False),
        sa.Column("created_time", sa.BigInteger(), nullable=False),
        sa.Column("updated_time", sa.BigInteger(), nullable=False),
        sa.Column("final_time", sa.BigInteger(), nullable=True),
        sa.Column("erased_time", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'RECEIVED') = (due_time IS NOT NULL)", name=op.f("ck_applications_due_time")
        ),
        sa.CheckConstraint(
            "(state = 'SENDING') = (lease_time IS NOT NULL)",
            name=op.f("ck_applications_lease_time"),
        ),
        sa.CheckConstraint(
            "(state IN ('FORWARDED', 'REFUSED', 'FAILED')) = (final_time IS NOT NULL)",
            name=op.f("ck_applications_final_time"),
        ),
        sa.CheckConstraint(
            "state IN ('RECEIVED', 'SENDING', 'FORWARDED', 'REFUSED', 'UNCERTAIN', 'FAILED')",
            name=op.f("ck_applications_state"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_applications")),
        sa.UniqueConstraint("application_id", name=op.f("uq_applications_application_id")),
    )
    op.create_index(
        op.f("ix_applications_due_time"),
        "applications",
        ["due_time"],
        unique=False,
        sqlite_where=sa.text("due_time IS NOT NULL"),
        postgresql_where=sa.text("due_time IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_applications_final_time"),
        "applications",
        ["final_time"],
        unique=False,
        sqlite_where=sa.text("final_time IS NOT NULL AND erased_time IS NULL"),
        postgresql_where=sa.text("final_time IS NOT NULL AND erased_time IS NULL"),
    )
    op.create_index(
        op.f("ix_applications_job_id_number"), "applications", ["job_id", "number"], unique=False
    )
    op.create_index(
        op.f("ix_applications_lease_time"),
        "applications",
        ["lease_time"],
        unique=False,
        sqlite_where=sa.text("lease_time IS NOT NULL"),
        postgresql_where=sa.text("lease_time IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_applications_organization_id_number"),
        "applications",
        ["organization_id", "number"],
        unique=False,
    )
    op.create_table(
        "approval_policies",
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("employer_user_id", sa.Text(), nullable=False),
        sa.Column("approval_required", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("updated_time", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "approval_required IN (0, 1)", name=op.f("ck_approval_policies_approval_required")
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "employer_user_id", name=op.f("pk_approval_policies")
        ),
    )
    op.create_table(
        "ats_integrations",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("integration_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("board", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("apply_mode", sa.Text(), nullable=False),
        sa.Column("forward_target", sa.Text(), nullable=False),
        sa.Column("stale_after", sa.BigInteger(), nullable=False),
        sa.Column("guard_min_roles", sa.Integer(), nullable=False),
        sa.Column("guard_percent", sa.Integer(), nullable=False),
        sa.Column("field_map", sa.Text(), nullable=False),
        sa.Column("status_map", sa.Text(), nullable=False),
        sa.Column("workday_identity", sa.Text(), nullable=False),
        sa.Column("mapping_revision", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_time", sa.BigInteger(), nullable=False),
        sa.Column("updated_time", sa.BigInteger(), nullable=False),
        sa.Column("activated_time", sa.BigInteger(), nullable=True),
        sa.Column("pending_change", sa.Text(), nullable=True),
        sa.Column("last_run", sa.BigInteger(), nullable=True),
        sa.Column("open_run", sa.BigInteger(), nullable=True),
        sa.Column("held_run", sa.BigInteger(), nullable=True),
        sa.Column("drift_run", sa.BigInteger(), nullable=True),
        sa.Column("last_completed_time", sa.BigInteger(), nullable=True),
        sa.Column("last_completed_order", sa.BigInteger(), nullable=True),
        sa.Column("stale_told_time", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "apply_mode IN ('ATS_REDIRECT', 'APPLICATION_FORWARD')",
            name=op.f("ck_ats_integrations_apply_mode"),
        ),
        sa.CheckConstraint(
            "pending_change IS NULL OR state = 'ACTIVE'",
            name=op.f("ck_ats_integrations_pending_change"),
        ),
        sa.CheckConstraint(
            "provider IN ('WORKDAY', 'GREENHOUSE', 'LEVER', 'ASHBY', 'ICIMS', 'CUSTOM')",
            name=op.f("ck_ats_integrations_provider"),
        ),
        sa.CheckConstraint(
            "state IN ('PENDING', 'ACTIVE', 'INACTIVE')", name=op.f("ck_ats_integrations_state")
        ),
        sa.CheckConstraint(
            "workday_identity IN ('REQUISITION', 'POSTING')",
            name=op.f("ck_ats_integrations_workday_identity"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ats_integrations")),
        sa.UniqueConstraint("integration_id", name=op.f("uq_ats_integrations_integration_id")),
        sa.UniqueConstraint(
            "organization_id",
            "provider",
            "board",
            name=op.f("uq_ats_integrations_organization_id_provider_board"),
        ),
    )
    op.create_table(
        "ats_runs",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("sync_run_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("integration_id", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("employer_ids", sa.Text(), nullable=False),
        sa.Column("begin_time", sa.BigInteger(), nullable=False),
        sa.Column("last_batch_time", sa.BigInteger(), nullable=False),
        sa.Column("end_time", sa.BigInteger(), nullable=True),
        sa.Column("lease_expire_time", sa.BigInteger(), nullable=True),
        sa.Column("generated_time", sa.BigInteger(), nullable=True),
        sa.Column("order_time", sa.BigInteger(), nullable=False),
        sa.Column("expected_total", sa.Integer(), nullable=True),
        sa.Column("whole_said", sa.SmallInteger(), nullable=False),
        sa.Column("close_missing", sa.SmallInteger(), nullable=False),
        sa.Column("seen_total", sa.Integer(), nullable=False),
        sa.Column("unreadable_total", sa.Integer(), nullable=False),
        sa.Column("batch_total", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("stale_skipped", sa.Integer(), nullable=False),
        sa.Column("close_state", sa.Text(), nullable=False),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.Column("close_count", sa.Integer(), nullable=False),
        sa.Column("close_open_count", sa.Integer(), nullable=False),
        sa.Column("close_roles", sa.Text(), nullable=False),
        sa.Column("confirm_by_time", sa.BigInteger(), nullable=True),
        sa.Column("close_time", sa.BigInteger(), nullable=True),
        sa.Column("withheld_total", sa.Integer(), nullable=False),
        sa.Column("drift", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(close_state = 'HELD') = (confirm_by_time IS NOT NULL)", name=op.f("ck_ats_runs_held")
        ),
        sa.CheckConstraint(
            "(state = 'OPEN') = (lease_expire_time IS NOT NULL)", name=op.f("ck_ats_runs_lease")
        ),
        sa.CheckConstraint(
            "state IN ('OPEN', 'COMPLETED', 'INCOMPLETE', 'PARTIAL', 'SUPERSEDED', 'EXPIRED')",
            name=op.f("ck_ats_runs_state"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ats_runs")),
        sa.UniqueConstraint(
            "organization_id", "sync_run_id", name=op.f("uq_ats_runs_organization_id_sync_run_id")
        ),
    )
    op.create_index(
        op.f("ix_ats_runs_integration_id_number"),
        "ats_runs",
        ["integration_id", "number"],
        unique=False,
    )
    op.create_table(
        "ats_sync_events",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("job_number", sa.BigInteger(), nullable=False),
        sa.Column("employer_user_id", sa.Text(), nullable=False),
        sa.Column("integration_id", sa.Text(), nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("raw_hash_before", sa.Text(), nullable=False),
        sa.Column("raw_hash_after", sa.Text(), nullable=False),
        sa.Column("state_before", sa.Text(), nullable=False),
        sa.Column("state_after", sa.Text(), nullable=False),
        sa.Column("changed_fields", sa.Text(), nullable=False),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.Column("close_policy", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("client_request_id", sa.Text(), nullable=False),
        sa.Column("event_time", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "type IN ('CREATED', 'UPDATED', 'REOPENED', 'CLOSED', 'MISSING_FROM_ATS')",
            name=op.f("ck_ats_sync_events_type"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ats_sync_events")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_ats_sync_events_integration_id_number"),
        "ats_sync_events",
        ["integration_id", "number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ats_sync_events_job_number_number"),
        "ats_sync_events",
        ["job_number", "number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ats_sync_events_request_id"), "ats_sync_events", ["request_id"], unique=False
    )
    op.create_index(
        op.f("ix_ats_sync_events_run_number"), "ats_sync_events", ["run", "number"], unique=False
    )
    op.create_table(
        "audit_events",
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("actor_type", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("targets", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("client_request_id", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_audit_events_sequence")),
        sa.PrimaryKeyConstraint("organization_id", "sequence", name=op.f("pk_audit_events")),
    )
    op.create_index(
        op.f("ix_audit_events_actor_id_time_sequence"),
        "audit_events",
        ["actor_id", "time", "sequence"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audit_events_organization_id_time_sequence"),
        "audit_events",
        ["organization_id", "time", "sequence"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audit_events_time_organization_id_sequence"),
        "audit_events",
        ["time", "organization_id", "sequence"],
        unique=False,
    )
    op.create_table(
        "audit_heads",
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "forward_secrets",
        sa.Column("integration_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=True),
        sa.Column("previous_expire_time", sa.BigInteger(), nullable=True),
        sa.Column("created_time", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(previous IS NULL) = (previous_expire_time IS NULL)",
            name=op.f("ck_forward_secrets_previous_expire_time"),
        ),
        sa.PrimaryKeyConstraint("integration_id", name=op.f("pk_forward_secrets")),
    )
    op.create_table(
        "idempotency_records",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=False),
        sa.Column("created_time", sa.BigInteger(), nullable=False),
        sa.Column("expires_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "method", "key", name=op.f("pk_idempotency_records")),
    )
    op.create_index(
        op.f("ix_idempotency_records_expires_time"),
        "idempotency_records",
        ["expires_time"],
        unique=False,
    )
    op.create_table(
        "job_changes",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("transaction_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("employer_user_id", sa.Text(), nullable=False),
        sa.Column("job_number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("changed_time", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('CREATED', 'UPDATED', 'CLOSED', 'REOPENED', 'OPERATIONS_UPDATED', 'PENDING', 'APPROVED', 'RETURNED')",
            name=op.f("ck_job_changes_kind"),
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_job_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_job_changes_organization_id_sequence"),
        "job_changes",
        ["organization_id", "sequence"],
        unique=False,
    )
    op.create_index(
        op.f("ix_job_changes_transaction_id_sequence"),
        "job_changes",
        ["transaction_id", "sequence"],
        unique=False,
        sqlite_where=sa.text("transaction_id > 0"),
    )
    op.create_table(
        "job_hold_orders",
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("held_by", sa.Text(), nullable=False),
        sa.Column("hold_time", sa.BigInteger(), nullable=False),
        sa.Column("release_time", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_job_hold_orders")),
    )
    op.create_table(
        "job_postings",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("employer_user_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("posted_by", sa.Text(), nullable=True),
        sa.Column("integration_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("external_reference", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("listed", sa.SmallInteger(), nullable=False),
        sa.Column("prospect", sa.SmallInteger(), nullable=False),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.Column("close_note", sa.Text(), nullable=False),
        sa.Column("closed_time", sa.BigInteger(), nullable=True),
        sa.Column("reopened_time", sa.BigInteger(), nullable=True),
        sa.Column("submitted_time", sa.BigInteger(), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.Column("was_open", sa.SmallInteger(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=True),
        sa.Column("ends_time", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("pay", sa.LargeBinary(), nullable=False),
        sa.Column("application", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_time", sa.BigInteger(), nullable=False),
        sa.Column("updated_time", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(source = 'CLIENT_ATS') = (integration_id IS NOT NULL)",
            name=op.f("ck_job_postings_integration_id"),
        ),
        sa.CheckConstraint(
            "(source = 'DIRECT') = (posted_by IS NOT NULL)", name=op.f("ck_job_postings_posted_by")
        ),
        sa.CheckConstraint(
            "(state = 'CLOSED') = (close_reason IS NOT NULL)",
            name=op.f("ck_job_postings_close_reason"),
        ),
        sa.CheckConstraint(
            "(state = 'PENDING_APPROVAL') = (submitted_time IS NOT NULL)",
            name=op.f("ck_job_postings_submitted_time"),
        ),
        sa.CheckConstraint(
            "(state = 'RETURNED') = (return_reason IS NOT NULL)",
            name=op.f("ck_job_postings_return_reason"),
        ),
        sa.CheckConstraint(
            "source IN ('DIRECT', 'CLIENT_ATS')", name=op.f("ck_job_postings_source")
        ),
        sa.CheckConstraint(
            "state IN ('OPEN', 'CLOSED') OR source = 'DIRECT'",
            name=op.f("ck_job_postings_unapproved"),
        ),
        sa.CheckConstraint(
            "state IN ('OPEN', 'CLOSED', 'PENDING_APPROVAL', 'RETURNED')",
            name=op.f("ck_job_postings_state"),
        ),
        sa.CheckConstraint("listed IN (0, 1)", name=op.f("ck_job_postings_listed")),
        sa.CheckConstraint("prospect IN (0, 1)", name=op.f("ck_job_postings_prospect")),
        sa.CheckConstraint("slots >= 0", name=op.f("ck_job_postings_slots")),
        sa.CheckConstraint("was_open IN (0, 1)", name=op.f("ck_job_postings_was_open")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_job_postings")),
        sa.UniqueConstraint("job_id", name=op.f("uq_job_postings_job_id")),
    )
    op.create_index(
        op.f("ix_job_postings_integration_id_state"),
        "job_postings",
        ["integration_id", "state"],
        unique=False,
    )
    op.create_index(
        op.f("ix_job_postings_organization_id_employer_user_id_number"),
        "job_postings",
        ["organization_id", "employer_user_id", "number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_job_postings_organization_id_external_reference"),
        "job_postings",
        ["organization_id", "external_reference"],
        unique=False,
        sqlite_where=sa.text("external_reference != ''"),
        postgresql_where=sa.text("external_reference != ''"),
    )
    op.create_index(
        op.f("ix_job_postings_organization_id_number"),
        "job_postings",
        ["organization_id", "number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_job_postings_posted_by_number"),
        "job_postings",
        ["posted_by", "number"],
        unique=False,
        sqlite_where=sa.text("posted_by IS NOT NULL"),
        postgresql_where=sa.text("posted_by IS NOT NULL"),
    )
    op.create_table(
        "outbox",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_time", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_outbox")),
        sa.UniqueConstraint("event_id", name=op.f("uq_outbox_event_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_created_time"), "outbox", ["created_time"], unique=False)
    op.create_index(
        op.f("ix_outbox_organization_id_sequence"),
        "outbox",
        ["organization_id", "sequence"],
        unique=False,
    )
    op.create_table(
        "request_logs",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("client_request_id", sa.Text(), nullable=False),
        sa.Column("transport", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("violations", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("replayed", sa.SmallInteger(), nullable=False),
        sa.Column("employers", sa.Text(), nullable=False),
        sa.Column("end_time", sa.BigInteger(), nullable=False),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_request_logs")),
    )
    op.create_index(
        op.f("ix_request_logs_organization_id_end_time_sequence"),
        "request_logs",
        ["organization_id", "end_time", "sequence"],
        unique=False,
    )
    op.create_index(
        op.f("ix_request_logs_request_id"), "request_logs", ["request_id"], unique=False
    )
    op.create_table(
        "schema_floor",
        sa.Column("revision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_schema_floor")),
    )
    op.create_table(
        "traffic",
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("replays", sa.BigInteger(), nullable=False),
        sa.Column("recovered", sa.BigInteger(), nullable=False),
        sa.Column("first_time", sa.BigInteger(), nullable=False),
        sa.Column("last_time", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "replays <= calls AND recovered <= calls", name=op.f("ck_traffic_counts")
        ),
        sa.PrimaryKeyConstraint("organization_id", "method", name=op.f("pk_traffic")),
    )
    op.create_table(
        "traffic_refusals",
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id", "method", "subject", name=op.f("pk_traffic_refusals")
        ),
    )
    op.create_table(
        "usage_rows",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_usage_rows")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_time", sa.BigInteger(), nullable=False),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_webhook_attempts_number")),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_webhook_attempts")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("next_time", sa.BigInteger(), nullable=True),
        sa.Column("event_time", sa.BigInteger(), nullable=False),
        sa.Column("created_time", sa.BigInteger(), nullable=False),
        sa.Column("ended_time", sa.BigInteger(), nullable=True),
        sa.Column("event_count", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("first_place", sa.SmallInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(state = 'PENDING') = (ended_time IS NULL)", name=op.f("ck_webhook_deliveries_ended")
        ),
        sa.CheckConstraint(
            "(state = 'PENDING') = (next_time IS NOT NULL)",
            name=op.f("ck_webhook_deliveries_pending"),
        ),
        sa.CheckConstraint(
            "state IN ('PENDING', 'SUCCEEDED', 'FAILED', 'CANCELLED')",
            name=op.f("ck_webhook_deliveries_state"),
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_webhook_deliveries_delivery_id")),
        sa.UniqueConstraint(
            "endpoint_id", "event_id", name=op.f("uq_webhook_deliveries_endpoint_id_event_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_webhook_deliveries_ended",
        "webhook_deliveries",
        ["ended_time"],
        unique=False,
        sqlite_where=sa.text("state <> 'PENDING'"),
        postgresql_where=sa.text("state <> 'PENDING'"),
    )
    op.create_index(
        op.f("ix_webhook_deliveries_event_id"), "webhook_deliveries", ["event_id"], unique=False
    )
    op.create_index(
        op.f("ix_webhook_deliveries_organization_id_sequence"),
        "webhook_deliveries",
        ["organization_id", "sequence"],
        unique=False,
    )
    op.create_index(
        "ix_webhook_deliveries_pending",
        "webhook_deliveries",
        ["endpoint_id", "sequence", "next_time"],
        unique=False,
        sqlite_where=sa.text("state = 'PENDING'"),
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    op.create_table(
        "webhook_endpoints",
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("event_types", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_expires_time", sa.BigInteger(), nullable=True),
        sa.Column("created_time", sa.BigInteger(), nullable=False),
        sa.Column("updated_time", sa.BigInteger(), nullable=False),
        sa.Column("disabled_time", sa.BigInteger(), nullable=True),
        sa.Column("disable_reason", sa.Text(), nullable=False),
        sa.Column("disabled_by", sa.Text(), nullable=False),
        sa.Column("disable_note", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(disable_reason = 'OPERATOR') = (disabled_by != '')",
            name=op.f("ck_webhook_endpoints_disabled_by"),
        ),
        sa.CheckConstraint(
            "(disabled_time IS NULL) = (disable_reason = '')",
            name=op.f("ck_webhook_endpoints_disabled"),
        ),
        sa.CheckConstraint(
            "disable_reason IN ('', 'REQUESTED', 'GONE', 'FAILING', 'KEY_LEAKED', 'OPERATOR')",
            name=op.f("ck_webhook_endpoints_disable_reason"),
        ),
        sa.CheckConstraint(
            "(previous_secret IS NULL) = (previous_expires_time IS NULL)",
            name=op.f("ck_webhook_endpoints_previous"),
        ),
        sa.PrimaryKeyConstraint("endpoint_id", name=op.f("pk_webhook_endpoints")),
    )
    op.create_index(
        op.f("ix_webhook_endpoints_key_id"), "webhook_endpoints", ["key_id"], unique=False
    )
    op.create_index(
        op.f("ix_webhook_endpoints_organization_id_created_time_endpoint_id"),
        "webhook_endpoints",
        ["organization_id", "created_time", "endpoint_id"],
        unique=False,
    )
    op.create_table(
        "webhook_event_log",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("event_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_webhook_event_log")),
        sa.UniqueConstraint("event_id", name=op.f("uq_webhook_event_log_event_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_webhook_event_log_organization_id_sequence"),
        "webhook_event_log",
        ["organization_id", "sequence"],
        unique=False,
    )
    op.create_table(
        "webhook_events",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("event_time", sa.BigInteger(), nullable=False),
        sa.Column("created_time", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_webhook_events")),
    )
    op.create_index(
        op.f("ix_webhook_events_created_time"), "webhook_events", ["created_time"], unique=False
    )
    op.create_index(
        op.f("ix_webhook_events_request_id"), "webhook_events", ["request_id"], unique=False
    )
    op.create_table(
        "webhook_queues",
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("next_time", sa.BigInteger(), nullable=True),
        sa.Column("pause_until", sa.BigInteger(), nullable=False),
        sa.Column("lease_holder", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("failure_count", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("last_success_time", sa.BigInteger(), nullable=True),
        sa.Column("last_failure_time", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("endpoint_id", name=op.f("pk_webhook_queues")),
    )
    op.create_index(
        "ix_webhook_queues_next_time",
        "webhook_queues",
        ["next_time"],
        unique=False,
        sqlite_where=sa.text("next_time IS NOT NULL"),
        postgresql_where=sa.text("next_time IS NOT NULL"),
    )
    op.create_table(
        "application_contents",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["applications.number"],
            name=op.f("fk_application_contents_number_applications"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_application_contents")),
    )
    op.create_table(
        "ats_batches",
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("batch_index", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run"], ["ats_runs.number"], name=op.f("fk_ats_batches_run_ats_runs")
        ),
        sa.PrimaryKeyConstraint("run", "batch_index", name=op.f("pk_ats_batches")),
    )
    op.create_table(
        "ats_integration_employers",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("employer_user_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["ats_integrations.number"],
            name=op.f("fk_ats_integration_employers_number_ats_integrations"),
        ),
        sa.PrimaryKeyConstraint(
            "number", "employer_user_id", name=op.f("pk_ats_integration_employers")
        ),
    )
    op.create_index(
        op.f("ix_ats_integration_employers_organization_id_employer_user_id"),
        "ats_integration_employers",
        ["organization_id", "employer_user_id"],
        unique=False,
    )
    op.create_table(
        "ats_mirrors",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("integration_id", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("external_job_id", sa.Text(), nullable=False),
        sa.Column("raw_hash", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("provider_updated_time", sa.BigInteger(), nullable=True),
        sa.Column("order_time", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_time", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_time", sa.BigInteger(), nullable=False),
        sa.Column("last_run", sa.BigInteger(), nullable=False),
        sa.Column("last_run_id", sa.Text(), nullable=False),
        sa.Column("seen_run", sa.BigInteger(), nullable=True),
        sa.Column("missing_run", sa.BigInteger(), nullable=True),
        sa.Column("expires_time", sa.BigInteger(), nullable=True),
        sa.Column("warnings", sa.Text(), nullable=True),
        sa.Column("alias_job_id", sa.Text(), nullable=True),
        sa.Column("valued", sa.Integer(), nullable=False),
        sa.Column("valued_before", sa.Integer(), nullable=False),
        sa.Column("valued_run", sa.BigInteger(), nullable=False),
        sa.Column("withheld", sa.Integer(), nullable=False),
        sa.Column("withheld_run", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "provider IN ('WORKDAY', 'GREENHOUSE', 'LEVER', 'ASHBY', 'ICIMS', 'CUSTOM')",
            name=op.f("ck_ats_mirrors_provider"),
        ),
        sa.ForeignKeyConstraint(
            ["number"], ["job_postings.number"], name=op.f("fk_ats_mirrors_number_job_postings")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ats_mirrors")),
    )
    op.create_index(
        op.f("ix_ats_mirrors_alias_job_id"),
        "ats_mirrors",
        ["alias_job_id"],
        unique=False,
        sqlite_where=sa.text("alias_job_id IS NOT NULL"),
        postgresql_where=sa.text("alias_job_id IS NOT NULL"),
    )
    op.create_table(
        "ats_run_ids",
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("external_job_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run"], ["ats_runs.number"], name=op.f("fk_ats_run_ids_run_ats_runs")
        ),
        sa.PrimaryKeyConstraint("run", "external_job_id", name=op.f("pk_ats_run_ids")),
    )
    op.create_table(
        "job_holds",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("released", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("released IN (0, 1)", name=op.f("ck_job_holds_released")),
        sa.ForeignKeyConstraint(
            ["hold_id"],
            ["job_hold_orders.hold_id"],
            name=op.f("fk_job_holds_hold_id_job_hold_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["number"], ["job_postings.number"], name=op.f("fk_job_holds_number_job_postings")
        ),
        sa.PrimaryKeyConstraint("number", "hold_id", name=op.f("pk_job_holds")),
    )
    op.create_index(
        op.f("ix_job_holds_hold_id_number"), "job_holds", ["hold_id", "number"], unique=False
    )
    op.create_table(
        "job_operations",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("hold_reason", sa.Text(), nullable=True),
        sa.Column("hold_time", sa.BigInteger(), nullable=True),
        sa.Column("matching", sa.SmallInteger(), nullable=False),
        sa.Column("slots_filled", sa.Integer(), nullable=False),
        sa.Column("open_offers", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("checked_in", sa.Integer(), nullable=False),
        sa.Column("no_shows", sa.Integer(), nullable=False),
        sa.Column("payroll", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_time", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(hold_reason IS NULL) = (hold_time IS NULL)", name=op.f("ck_job_operations_hold_time")
        ),
        sa.CheckConstraint("matching IN (0, 1)", name=op.f("ck_job_operations_matching")),
        sa.ForeignKeyConstraint(
            ["number"], ["job_postings.number"], name=op.f("fk_job_operations_number_job_postings")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_job_operations")),
    )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement.replace(":", "\\:")))
