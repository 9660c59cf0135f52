"""Initial schema of the control database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = None

GUARDS = {
    "sqlite": (
        """
CREATE TRIGGER audit_anchors_append_only_update BEFORE UPDATE ON audit_anchors
BEGIN SELECT RAISE(ABORT, 'audit_anchors_append_only'); END
""",
        """
CREATE TRIGGER audit_anchors_append_only_delete BEFORE DELETE ON audit_anchors
BEGIN SELECT RAISE(ABORT, 'audit_anchors_append_only'); END
""",
        """
CREATE TRIGGER audit_anchors_append_only_replace BEFORE INSERT ON audit_anchors
WHEN EXISTS (SELECT 1 FROM audit_anchors WHERE number = NEW.number AND (1))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_audit_anchors'); END
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
CREATE TRIGGER grant_simulations_immutable_update BEFORE UPDATE ON grant_simulations WHEN NEW.grant_id IS NOT OLD.grant_id
  OR NEW.organization_id IS NOT OLD.organization_id
BEGIN SELECT RAISE(ABORT, 'grant_simulations_immutable'); END
""",
        """
CREATE TRIGGER grant_simulations_immutable_replace BEFORE INSERT ON grant_simulations
WHEN EXISTS (SELECT 1 FROM grant_simulations WHERE grant_id = NEW.grant_id AND (NEW.grant_id IS NOT grant_id
  OR NEW.organization_id IS NOT organization_id))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_grant_simulations'); END
""",
        """
CREATE TRIGGER grants_immutable_update BEFORE UPDATE ON grants WHEN NEW.grant_id IS NOT OLD.grant_id
  OR NEW.revision IS NOT OLD.revision
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.ticket_id IS NOT OLD.ticket_id
  OR NEW.request_revision IS NOT OLD.request_revision
  OR NEW.environment IS NOT OLD.environment
  OR NEW.scopes IS NOT OLD.scopes
  OR NEW.key_types IS NOT OLD.key_types
  OR NEW.tier IS NOT OLD.tier
  OR NEW.employer_user_ids IS NOT OLD.employer_user_ids
  OR NEW.key_allowance IS NOT OLD.key_allowance
  OR NEW.callback_url IS NOT OLD.callback_url
  OR NEW.expire_time IS NOT OLD.expire_time
  OR NEW.review IS NOT OLD.review
  OR NEW.seal_to IS NOT OLD.seal_to
  OR NEW.approved_by IS NOT OLD.approved_by
  OR NEW.create_time IS NOT OLD.create_time
BEGIN SELECT RAISE(ABORT, 'grants_immutable'); END
""",
        """
CREATE TRIGGER grants_immutable_replace BEFORE INSERT ON grants
WHEN EXISTS (SELECT 1 FROM grants WHERE grant_id = NEW.grant_id AND revision = NEW.revision AND (NEW.grant_id IS NOT grant_id
  OR NEW.revision IS NOT revision
  OR NEW.organization_id IS NOT organization_id
  OR NEW.ticket_id IS NOT ticket_id
  OR NEW.request_revision IS NOT request_revision
  OR NEW.environment IS NOT environment
  OR NEW.scopes IS NOT scopes
  OR NEW.key_types IS NOT key_types
  OR NEW.tier IS NOT tier
  OR NEW.employer_user_ids IS NOT employer_user_ids
  OR NEW.key_allowance IS NOT key_allowance
  OR NEW.callback_url IS NOT callback_url
  OR NEW.expire_time IS NOT expire_time
  OR NEW.review IS NOT review
  OR NEW.seal_to IS NOT seal_to
  OR NEW.approved_by IS NOT approved_by
  OR NEW.create_time IS NOT create_time))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_grants'); END
""",
        """
CREATE TRIGGER grants_revoke_time_permanent_update BEFORE UPDATE ON grants WHEN OLD.revoke_time IS NOT NULL AND NEW.revoke_time IS NOT OLD.revoke_time
BEGIN SELECT RAISE(ABORT, 'grants_revoke_time_permanent'); END
""",
        """
CREATE TRIGGER grants_revoke_time_permanent_delete BEFORE DELETE ON grants WHEN OLD.revoke_time IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'grants_revoke_time_permanent'); END
""",
        """
CREATE TRIGGER grants_revoke_time_permanent_replace BEFORE INSERT ON grants
WHEN EXISTS (SELECT 1 FROM grants WHERE grant_id = NEW.grant_id AND revision = NEW.revision AND (revoke_time IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_grants'); END
""",
        """
CREATE TRIGGER key_rollbacks_immutable_update BEFORE UPDATE ON key_rollbacks WHEN NEW.rollback_id IS NOT OLD.rollback_id
  OR NEW.key_id IS NOT OLD.key_id
  OR NEW.key_ids IS NOT OLD.key_ids
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.environment IS NOT OLD.environment
  OR NEW.reason IS NOT OLD.reason
  OR NEW.operator IS NOT OLD.operator
  OR NEW.create_time IS NOT OLD.create_time
BEGIN SELECT RAISE(ABORT, 'key_rollbacks_immutable'); END
""",
        """
CREATE TRIGGER key_rollbacks_immutable_replace BEFORE INSERT ON key_rollbacks
WHEN EXISTS (SELECT 1 FROM key_rollbacks WHERE rollback_id = NEW.rollback_id AND (NEW.rollback_id IS NOT rollback_id
  OR NEW.key_id IS NOT key_id
  OR NEW.key_ids IS NOT key_ids
  OR NEW.organization_id IS NOT organization_id
  OR NEW.environment IS NOT environment
  OR NEW.reason IS NOT reason
  OR NEW.operator IS NOT operator
  OR NEW.create_time IS NOT create_time))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_key_rollbacks'); END
""",
        """
CREATE TRIGGER key_rollbacks_kept_update BEFORE UPDATE ON key_rollbacks WHEN OLD.create_time IS NOT NULL AND NEW.create_time IS NOT OLD.create_time
BEGIN SELECT RAISE(ABORT, 'key_rollbacks_kept'); END
""",
        """
CREATE TRIGGER key_rollbacks_kept_delete BEFORE DELETE ON key_rollbacks WHEN OLD.create_time IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'key_rollbacks_kept'); END
""",
        """
CREATE TRIGGER key_rollbacks_kept_replace BEFORE INSERT ON key_rollbacks
WHEN EXISTS (SELECT 1 FROM key_rollbacks WHERE rollback_id = NEW.rollback_id AND (create_time IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_key_rollbacks'); END
""",
        """
CREATE TRIGGER key_rollbacks_release_time_permanent_update BEFORE UPDATE ON key_rollbacks WHEN OLD.release_time IS NOT NULL AND NEW.release_time IS NOT OLD.release_time
BEGIN SELECT RAISE(ABORT, 'key_rollbacks_release_time_permanent'); END
""",
        """
CREATE TRIGGER key_rollbacks_release_time_permanent_delete BEFORE DELETE ON key_rollbacks WHEN OLD.release_time IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'key_rollbacks_release_time_permanent'); END
""",
        """
CREATE TRIGGER key_rollbacks_release_time_permanent_replace BEFORE INSERT ON key_rollbacks
WHEN EXISTS (SELECT 1 FROM key_rollbacks WHERE rollback_id = NEW.rollback_id AND (release_time IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_key_rollbacks'); END
""",
        """
CREATE TRIGGER keys_immutable_update BEFORE UPDATE ON keys WHEN NEW.key_id IS NOT OLD.key_id
  OR NEW.environment IS NOT OLD.environment
  OR NEW.key_type IS NOT OLD.key_type
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.grant_id IS NOT OLD.grant_id
  OR NEW.pepper_id IS NOT OLD.pepper_id
  OR NEW.digest IS NOT OLD.digest
  OR NEW.last_four IS NOT OLD.last_four
  OR NEW.scopes IS NOT OLD.scopes
  OR NEW.allowed_origins IS NOT OLD.allowed_origins
  OR NEW.allowed_cidrs IS NOT OLD.allowed_cidrs
  OR NEW.created_by IS NOT OLD.created_by
  OR NEW.replaces IS NOT OLD.replaces
BEGIN SELECT RAISE(ABORT, 'keys_immutable'); END
""",
        """
CREATE TRIGGER keys_immutable_replace BEFORE INSERT ON keys
WHEN EXISTS (SELECT 1 FROM keys WHERE key_id = NEW.key_id AND (NEW.key_id IS NOT key_id
  OR NEW.environment IS NOT environment
  OR NEW.key_type IS NOT key_type
  OR NEW.organization_id IS NOT organization_id
  OR NEW.grant_id IS NOT grant_id
  OR NEW.pepper_id IS NOT pepper_id
  OR NEW.digest IS NOT digest
  OR NEW.last_four IS NOT last_four
  OR NEW.scopes IS NOT scopes
  OR NEW.allowed_origins IS NOT allowed_origins
  OR NEW.allowed_cidrs IS NOT allowed_cidrs
  OR NEW.created_by IS NOT created_by
  OR NEW.replaces IS NOT replaces))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_keys'); END
""",
        """
CREATE TRIGGER keys_kept_update BEFORE UPDATE ON keys WHEN OLD.create_time IS NOT NULL AND NEW.create_time IS NOT OLD.create_time
BEGIN SELECT RAISE(ABORT, 'keys_kept'); END
""",
        """
CREATE TRIGGER keys_kept_delete BEFORE DELETE ON keys WHEN OLD.create_time IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'keys_kept'); END
""",
        """
CREATE TRIGGER keys_kept_replace BEFORE INSERT ON keys
WHEN EXISTS (SELECT 1 FROM keys WHERE key_id = NEW.key_id AND (create_time IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_keys'); END
""",
        """
CREATE TRIGGER keys_replace_time_permanent_update BEFORE UPDATE ON keys WHEN OLD.replace_time IS NOT NULL AND NEW.replace_time IS NOT OLD.replace_time
BEGIN SELECT RAISE(ABORT, 'keys_replace_time_permanent'); END
""",
        """
CREATE TRIGGER keys_replace_time_permanent_delete BEFORE DELETE ON keys WHEN OLD.replace_time IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'keys_replace_time_permanent'); END
""",
        """
CREATE TRIGGER keys_replace_time_permanent_replace BEFORE INSERT ON keys
WHEN EXISTS (SELECT 1 FROM keys WHERE key_id = NEW.key_id AND (replace_time IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_keys'); END
""",
        """
CREATE TRIGGER keys_replaced_by_permanent_update BEFORE UPDATE ON keys WHEN OLD.replaced_by IS NOT NULL AND NEW.replaced_by IS NOT OLD.replaced_by
BEGIN SELECT RAISE(ABORT, 'keys_replaced_by_permanent'); END
""",
        """
CREATE TRIGGER keys_replaced_by_permanent_delete BEFORE DELETE ON keys WHEN OLD.replaced_by IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'keys_replaced_by_permanent'); END
""",
        """
CREATE TRIGGER keys_replaced_by_permanent_replace BEFORE INSERT ON keys
WHEN EXISTS (SELECT 1 FROM keys WHERE key_id = NEW.key_id AND (replaced_by IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_keys'); END
""",
        """
CREATE TRIGGER keys_revoke_reason_permanent_update BEFORE UPDATE ON keys WHEN OLD.revoke_reason IS NOT NULL AND NEW.revoke_reason IS NOT OLD.revoke_reason
BEGIN SELECT RAISE(ABORT, 'keys_revoke_reason_permanent'); END
""",
        """
CREATE TRIGGER keys_revoke_reason_permanent_delete BEFORE DELETE ON keys WHEN OLD.revoke_reason IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'keys_revoke_reason_permanent'); END
""",
        """
CREATE TRIGGER keys_revoke_reason_permanent_replace BEFORE INSERT ON keys
WHEN EXISTS (SELECT 1 FROM keys WHERE key_id = NEW.key_id AND (revoke_reason IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_keys'); END
""",
        """
CREATE TRIGGER keys_revoke_time_permanent_update BEFORE UPDATE ON keys WHEN OLD.revoke_time IS NOT NULL AND NEW.revoke_time IS NOT OLD.revoke_time
BEGIN SELECT RAISE(ABORT, 'keys_revoke_time_permanent'); END
""",
        """
CREATE TRIGGER keys_revoke_time_permanent_delete BEFORE DELETE ON keys WHEN OLD.revoke_time IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'keys_revoke_time_permanent'); END
""",
        """
CREATE TRIGGER keys_revoke_time_permanent_replace BEFORE INSERT ON keys
WHEN EXISTS (SELECT 1 FROM keys WHERE key_id = NEW.key_id AND (revoke_time IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_keys'); END
""",
        """
CREATE TRIGGER keys_revoked_by_permanent_update BEFORE UPDATE ON keys WHEN OLD.revoked_by IS NOT NULL AND NEW.revoked_by IS NOT OLD.revoked_by
BEGIN SELECT RAISE(ABORT, 'keys_revoked_by_permanent'); END
""",
        """
CREATE TRIGGER keys_revoked_by_permanent_delete BEFORE DELETE ON keys WHEN OLD.revoked_by IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'keys_revoked_by_permanent'); END
""",
        """
CREATE TRIGGER keys_revoked_by_permanent_replace BEFORE INSERT ON keys
WHEN EXISTS (SELECT 1 FROM keys WHERE key_id = NEW.key_id AND (revoked_by IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_keys'); END
""",
        """
CREATE TRIGGER keys_shorten_only_update BEFORE UPDATE ON keys WHEN OLD.expire_time IS NOT NULL AND (NEW.expire_time IS NULL OR NEW.expire_time > OLD.expire_time)
BEGIN SELECT RAISE(ABORT, 'keys_shorten_only'); END
""",
        """
CREATE TRIGGER keys_shorten_only_replace BEFORE INSERT ON keys
WHEN EXISTS (SELECT 1 FROM keys WHERE key_id = NEW.key_id AND (keys.expire_time IS NOT NULL AND (NEW.expire_time IS NULL OR NEW.expire_time > keys.expire_time)))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_keys'); END
""",
        """
CREATE TRIGGER operator_credentials_immutable_update BEFORE UPDATE ON operator_credentials WHEN NEW.credential_id IS NOT OLD.credential_id
  OR NEW.operator_id IS NOT OLD.operator_id
  OR NEW.pepper_id IS NOT OLD.pepper_id
  OR NEW.digest IS NOT OLD.digest
  OR NEW.last_four IS NOT OLD.last_four
BEGIN SELECT RAISE(ABORT, 'operator_credentials_immutable'); END
""",
        """
CREATE TRIGGER operator_credentials_immutable_replace BEFORE INSERT ON operator_credentials
WHEN EXISTS (SELECT 1 FROM operator_credentials WHERE credential_id = NEW.credential_id AND (NEW.credential_id IS NOT credential_id
  OR NEW.operator_id IS NOT operator_id
  OR NEW.pepper_id IS NOT pepper_id
  OR NEW.digest IS NOT digest
  OR NEW.last_four IS NOT last_four))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_operator_credentials'); END
""",
        """
CREATE TRIGGER operator_credentials_kept_update BEFORE UPDATE ON operator_credentials WHEN OLD.create_time IS NOT NULL AND NEW.create_time IS NOT OLD.create_time
BEGIN SELECT RAISE(ABORT, 'operator_credentials_kept'); END
""",
        """
CREATE TRIGGER operator_credentials_kept_delete BEFORE DELETE ON operator_credentials WHEN OLD.create_time IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'operator_credentials_kept'); END
""",
        """
CREATE TRIGGER operator_credentials_kept_replace BEFORE INSERT ON operator_credentials
WHEN EXISTS (SELECT 1 FROM operator_credentials WHERE credential_id = NEW.credential_id AND (create_time IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_operator_credentials'); END
""",
        """
CREATE TRIGGER operator_credentials_replace_time_permanent_update BEFORE UPDATE ON operator_credentials WHEN OLD.replace_time IS NOT NULL AND NEW.replace_time IS NOT OLD.replace_time
BEGIN SELECT RAISE(ABORT, 'operator_credentials_replace_time_permanent'); END
""",
        """
CREATE TRIGGER operator_credentials_replace_time_permanent_delete BEFORE DELETE ON operator_credentials WHEN OLD.replace_time IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'operator_credentials_replace_time_permanent'); END
""",
        """
CREATE TRIGGER operator_credentials_replace_time_permanent_replace BEFORE INSERT ON operator_credentials
WHEN EXISTS (SELECT 1 FROM operator_credentials WHERE credential_id = NEW.credential_id AND (replace_time IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_operator_credentials'); END
""",
        """
CREATE TRIGGER operator_credentials_replaced_by_permanent_update BEFORE UPDATE ON operator_credentials WHEN OLD.replaced_by IS NOT NULL AND NEW.replaced_by IS NOT OLD.replaced_by
BEGIN SELECT RAISE(ABORT, 'operator_credentials_replaced_by_permanent'); END
""",
        """
CREATE TRIGGER operator_credentials_replaced_by_permanent_delete BEFORE DELETE ON operator_credentials WHEN OLD.replaced_by IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'operator_credentials_replaced_by_permanent'); END
""",
        """
CREATE TRIGGER operator_credentials_replaced_by_permanent_replace BEFORE INSERT ON operator_credentials
WHEN EXISTS (SELECT 1 FROM operator_credentials WHERE credential_id = NEW.credential_id AND (replaced_by IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_operator_credentials'); END
""",
        """
CREATE TRIGGER operator_credentials_shorten_only_update BEFORE UPDATE ON operator_credentials WHEN OLD.expire_time IS NOT NULL AND (NEW.expire_time IS NULL OR NEW.expire_time > OLD.expire_time)
BEGIN SELECT RAISE(ABORT, 'operator_credentials_shorten_only'); END
""",
        """
CREATE TRIGGER operator_credentials_shorten_only_replace BEFORE INSERT ON operator_credentials
WHEN EXISTS (SELECT 1 FROM operator_credentials WHERE credential_id = NEW.credential_id AND (operator_credentials.expire_time IS NOT NULL AND (NEW.expire_time IS NULL OR NEW.expire_time > operator_credentials.expire_time)))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_operator_credentials'); END
""",
        """
CREATE TRIGGER operators_immutable_update BEFORE UPDATE ON operators WHEN NEW.operator_id IS NOT OLD.operator_id
  OR NEW.name IS NOT OLD.name
  OR NEW.person IS NOT OLD.person
  OR NEW.role IS NOT OLD.role
BEGIN SELECT RAISE(ABORT, 'operators_immutable'); END
""",
        """
CREATE TRIGGER operators_immutable_replace BEFORE INSERT ON operators
WHEN EXISTS (SELECT 1 FROM operators WHERE operator_id = NEW.operator_id AND (NEW.operator_id IS NOT operator_id
  OR NEW.name IS NOT name
  OR NEW.person IS NOT person
  OR NEW.role IS NOT role))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_operators'); END
""",
        """
CREATE TRIGGER operators_kept_update BEFORE UPDATE ON operators WHEN OLD.create_time IS NOT NULL AND NEW.create_time IS NOT OLD.create_time
BEGIN SELECT RAISE(ABORT, 'operators_kept'); END
""",
        """
CREATE TRIGGER operators_kept_delete BEFORE DELETE ON operators WHEN OLD.create_time IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'operators_kept'); END
""",
        """
CREATE TRIGGER operators_kept_replace BEFORE INSERT ON operators
WHEN EXISTS (SELECT 1 FROM operators WHERE operator_id = NEW.operator_id AND (create_time IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_operators'); END
""",
        """
CREATE TRIGGER operators_name_taken BEFORE INSERT ON operators
WHEN EXISTS (SELECT 1 FROM operators WHERE name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'UNIQUE uq_operators_name'); END
""",
        """
CREATE TRIGGER operators_revoke_reason_permanent_update BEFORE UPDATE ON operators WHEN OLD.revoke_reason IS NOT NULL AND NEW.revoke_reason IS NOT OLD.revoke_reason
BEGIN SELECT RAISE(ABORT, 'operators_revoke_reason_permanent'); END
""",
        """
CREATE TRIGGER operators_revoke_reason_permanent_delete BEFORE DELETE ON operators WHEN OLD.revoke_reason IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'operators_revoke_reason_permanent'); END
""",
        """
CREATE TRIGGER operators_revoke_reason_permanent_replace BEFORE INSERT ON operators
WHEN EXISTS (SELECT 1 FROM operators WHERE operator_id = NEW.operator_id AND (revoke_reason IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_operators'); END
""",
        """
CREATE TRIGGER operators_revoke_time_permanent_update BEFORE UPDATE ON operators WHEN OLD.revoke_time IS NOT NULL AND NEW.revoke_time IS NOT OLD.revoke_time
BEGIN SELECT RAISE(ABORT, 'operators_revoke_time_permanent'); END
""",
        """
CREATE TRIGGER operators_revoke_time_permanent_delete BEFORE DELETE ON operators WHEN OLD.revoke_time IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'operators_revoke_time_permanent'); END
""",
        """
CREATE TRIGGER operators_revoke_time_permanent_replace BEFORE INSERT ON operators
WHEN EXISTS (SELECT 1 FROM operators WHERE operator_id = NEW.operator_id AND (revoke_time IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_operators'); END
""",
        """
CREATE TRIGGER proposals_close_time_permanent_update BEFORE UPDATE ON proposals WHEN OLD.close_time IS NOT NULL AND NEW.close_time IS NOT OLD.close_time
BEGIN SELECT RAISE(ABORT, 'proposals_close_time_permanent'); END
""",
        """
CREATE TRIGGER proposals_close_time_permanent_delete BEFORE DELETE ON proposals WHEN OLD.close_time IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'proposals_close_time_permanent'); END
""",
        """
CREATE TRIGGER proposals_close_time_permanent_replace BEFORE INSERT ON proposals
WHEN EXISTS (SELECT 1 FROM proposals WHERE proposal_id = NEW.proposal_id AND (close_time IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_proposals'); END
""",
        """
CREATE TRIGGER proposals_immutable_update BEFORE UPDATE ON proposals WHEN NEW.proposal_id IS NOT OLD.proposal_id
  OR NEW.ticket_id IS NOT OLD.ticket_id
  OR NEW.request_revision IS NOT OLD.request_revision
  OR NEW.environment IS NOT OLD.environment
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.new_organization_name IS NOT OLD.new_organization_name
  OR NEW.terms IS NOT OLD.terms
  OR NEW.proposed_by IS NOT OLD.proposed_by
  OR NEW.person IS NOT OLD.person
  OR NEW.create_time IS NOT OLD.create_time
  OR NEW.expire_time IS NOT OLD.expire_time
BEGIN SELECT RAISE(ABORT, 'proposals_immutable'); END
""",
        """
CREATE TRIGGER proposals_immutable_replace BEFORE INSERT ON proposals
WHEN EXISTS (SELECT 1 FROM proposals WHERE proposal_id = NEW.proposal_id AND (NEW.proposal_id IS NOT proposal_id
  OR NEW.ticket_id IS NOT ticket_id
  OR NEW.request_revision IS NOT request_revision
  OR NEW.environment IS NOT environment
  OR NEW.organization_id IS NOT organization_id
  OR NEW.new_organization_name IS NOT new_organization_name
  OR NEW.terms IS NOT terms
  OR NEW.proposed_by IS NOT proposed_by
  OR NEW.person IS NOT person
  OR NEW.create_time IS NOT create_time
  OR NEW.expire_time IS NOT expire_time))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_proposals'); END
""",
        """
CREATE TRIGGER sealed_keys_immutable_update BEFORE UPDATE ON sealed_keys WHEN NEW.key_id IS NOT OLD.key_id
  OR NEW.ticket_id IS NOT OLD.ticket_id
  OR NEW.text IS NOT OLD.text
  OR NEW.create_time IS NOT OLD.create_time
BEGIN SELECT RAISE(ABORT, 'sealed_keys_immutable'); END
""",
        """
CREATE TRIGGER sealed_keys_immutable_replace BEFORE INSERT ON sealed_keys
WHEN EXISTS (SELECT 1 FROM sealed_keys WHERE key_id = NEW.key_id AND (NEW.key_id IS NOT key_id
  OR NEW.ticket_id IS NOT ticket_id
  OR NEW.text IS NOT text
  OR NEW.create_time IS NOT create_time))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_sealed_keys'); END
""",
        """
CREATE TRIGGER ticket_messages_immutable_update BEFORE UPDATE ON ticket_messages WHEN NEW.ticket_id IS NOT OLD.ticket_id
  OR NEW.position IS NOT OLD.position
  OR NEW.kind IS NOT OLD.kind
  OR NEW.operator IS NOT OLD.operator
  OR NEW.text IS NOT OLD.text
  OR NEW.time IS NOT OLD.time
BEGIN SELECT RAISE(ABORT, 'ticket_messages_immutable'); END
""",
        """
CREATE TRIGGER ticket_messages_immutable_replace BEFORE INSERT ON ticket_messages
WHEN EXISTS (SELECT 1 FROM ticket_messages WHERE ticket_id = NEW.ticket_id AND position = NEW.position AND (NEW.ticket_id IS NOT ticket_id
  OR NEW.position IS NOT position
  OR NEW.kind IS NOT kind
  OR NEW.operator IS NOT operator
  OR NEW.text IS NOT text
  OR NEW.time IS NOT time))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_ticket_messages'); END
""",
        """
CREATE TRIGGER ticket_revisions_immutable_update BEFORE UPDATE ON ticket_revisions WHEN NEW.ticket_id IS NOT OLD.ticket_id
  OR NEW.revision IS NOT OLD.revision
  OR NEW.form IS NOT OLD.form
  OR NEW.time IS NOT OLD.time
BEGIN SELECT RAISE(ABORT, 'ticket_revisions_immutable'); END
""",
        """
CREATE TRIGGER ticket_revisions_immutable_replace BEFORE INSERT ON ticket_revisions
WHEN EXISTS (SELECT 1 FROM ticket_revisions WHERE ticket_id = NEW.ticket_id AND revision = NEW.revision AND (NEW.ticket_id IS NOT ticket_id
  OR NEW.revision IS NOT revision
  OR NEW.form IS NOT form
  OR NEW.time IS NOT time))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_ticket_revisions'); END
""",
        """
CREATE TRIGGER tickets_immutable_update BEFORE UPDATE ON tickets WHEN NEW.ticket_id IS NOT OLD.ticket_id
  OR NEW.status_token_digest IS NOT OLD.status_token_digest
  OR NEW.submitted_time IS NOT OLD.submitted_time
BEGIN SELECT RAISE(ABORT, 'tickets_immutable'); END
""",
        """
CREATE TRIGGER tickets_immutable_replace BEFORE INSERT ON tickets
WHEN EXISTS (SELECT 1 FROM tickets WHERE ticket_id = NEW.ticket_id AND (NEW.ticket_id IS NOT ticket_id
  OR NEW.status_token_digest IS NOT status_token_digest
  OR NEW.submitted_time IS NOT submitted_time))
BEGIN SELECT RAISE(ABORT, 'UNIQUE pk_tickets'); END
""",
    ),
    "postgresql": (
        """
CREATE FUNCTION audit_anchors_append_only() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF true THEN
    RAISE EXCEPTION 'audit_anchors_append_only'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_anchors_append_only';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER audit_anchors_append_only BEFORE UPDATE OR DELETE ON audit_anchors
FOR EACH ROW EXECUTE FUNCTION audit_anchors_append_only()
""",
        """
CREATE TRIGGER audit_anchors_append_only_truncate BEFORE TRUNCATE ON audit_anchors
FOR EACH STATEMENT EXECUTE FUNCTION audit_anchors_append_only()
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
CREATE FUNCTION grant_simulations_immutable() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF NEW.grant_id IS DISTINCT FROM OLD.grant_id
  OR NEW.organization_id IS DISTINCT FROM OLD.organization_id THEN
    RAISE EXCEPTION 'grant_simulations_immutable'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'grant_simulations_immutable';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER grant_simulations_immutable BEFORE UPDATE ON grant_simulations
FOR EACH ROW EXECUTE FUNCTION grant_simulations_immutable()
""",
        """
CREATE FUNCTION grants_immutable() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF NEW.grant_id IS DISTINCT FROM OLD.grant_id
  OR NEW.revision IS DISTINCT FROM OLD.revision
  OR NEW.organization_id IS DISTINCT FROM OLD.organization_id
  OR NEW.ticket_id IS DISTINCT FROM OLD.ticket_id
  OR NEW.request_revision IS DISTINCT FROM OLD.request_revision
  OR NEW.environment IS DISTINCT FROM OLD.environment
  OR NEW.scopes IS DISTINCT FROM OLD.scopes
  OR NEW.key_types IS DISTINCT FROM OLD.key_types
  OR NEW.tier IS DISTINCT FROM OLD.tier
  OR NEW.employer_user_ids IS DISTINCT FROM OLD.employer_user_ids
  OR NEW.key_allowance IS DISTINCT FROM OLD.key_allowance
  OR NEW.callback_url IS DISTINCT FROM OLD.callback_url
  OR NEW.expire_time IS DISTINCT FROM OLD.expire_time
  OR NEW.review IS DISTINCT FROM OLD.review
  OR NEW.seal_to IS DISTINCT FROM OLD.seal_to
  OR NEW.approved_by IS DISTINCT FROM OLD.approved_by
  OR NEW.create_time IS DISTINCT FROM OLD.create_time THEN
    RAISE EXCEPTION 'grants_immutable'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'grants_immutable';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER grants_immutable BEFORE UPDATE ON grants
FOR EACH ROW EXECUTE FUNCTION grants_immutable()
""",
        """
CREATE FUNCTION grants_revoke_time_permanent() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.revoke_time IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.revoke_time IS DISTINCT FROM OLD.revoke_time) THEN
    RAISE EXCEPTION 'grants_revoke_time_permanent'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'grants_revoke_time_permanent';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER grants_revoke_time_permanent BEFORE UPDATE OR DELETE ON grants
FOR EACH ROW EXECUTE FUNCTION grants_revoke_time_permanent()
""",
        """
CREATE FUNCTION key_rollbacks_immutable() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF NEW.rollback_id IS DISTINCT FROM OLD.rollback_id
  OR NEW.key_id IS DISTINCT FROM OLD.key_id
  OR NEW.key_ids IS DISTINCT FROM OLD.key_ids
  OR NEW.organization_id IS DISTINCT FROM OLD.organization_id
  OR NEW.environment IS DISTINCT FROM OLD.environment
  OR NEW.reason IS DISTINCT FROM OLD.reason
  OR NEW.operator IS DISTINCT FROM OLD.operator
  OR NEW.create_time IS DISTINCT FROM OLD.create_time THEN
    RAISE EXCEPTION 'key_rollbacks_immutable'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'key_rollbacks_immutable';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER key_rollbacks_immutable BEFORE UPDATE ON key_rollbacks
FOR EACH ROW EXECUTE FUNCTION key_rollbacks_immutable()
""",
        """
CREATE FUNCTION key_rollbacks_kept() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.create_time IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.create_time IS DISTINCT FROM OLD.create_time) THEN
    RAISE EXCEPTION 'key_rollbacks_kept'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'key_rollbacks_kept';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER key_rollbacks_kept BEFORE UPDATE OR DELETE ON key_rollbacks
FOR EACH ROW EXECUTE FUNCTION key_rollbacks_kept()
""",
        """
CREATE FUNCTION key_rollbacks_release_time_permanent() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.release_time IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.release_time IS DISTINCT FROM OLD.release_time) THEN
    RAISE EXCEPTION 'key_rollbacks_release_time_permanent'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'key_rollbacks_release_time_permanent';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER key_rollbacks_release_time_permanent BEFORE UPDATE OR DELETE ON key_rollbacks
FOR EACH ROW EXECUTE FUNCTION key_rollbacks_release_time_permanent()
""",
        """
CREATE FUNCTION keys_immutable() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF NEW.key_id IS DISTINCT FROM OLD.key_id
  OR NEW.environment IS DISTINCT FROM OLD.environment
  OR NEW.key_type IS DISTINCT FROM OLD.key_type
  OR NEW.organization_id IS DISTINCT FROM OLD.organization_id
  OR NEW.grant_id IS DISTINCT FROM OLD.grant_id
  OR NEW.pepper_id IS DISTINCT FROM OLD.pepper_id
  OR NEW.digest IS DISTINCT FROM OLD.digest
  OR NEW.last_four IS DISTINCT FROM OLD.last_four
  OR NEW.scopes IS DISTINCT FROM OLD.scopes
  OR NEW.allowed_origins IS DISTINCT FROM OLD.allowed_origins
  OR NEW.allowed_cidrs IS DISTINCT FROM OLD.allowed_cidrs
  OR NEW.created_by IS DISTINCT FROM OLD.created_by
  OR NEW.replaces IS DISTINCT FROM OLD.replaces THEN
    RAISE EXCEPTION 'keys_immutable'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'keys_immutable';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER keys_immutable BEFORE UPDATE ON keys
FOR EACH ROW EXECUTE FUNCTION keys_immutable()
""",
        """
CREATE FUNCTION keys_kept() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.create_time IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.create_time IS DISTINCT FROM OLD.create_time) THEN
    RAISE EXCEPTION 'keys_kept'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'keys_kept';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER keys_kept BEFORE UPDATE OR DELETE ON keys
FOR EACH ROW EXECUTE FUNCTION keys_kept()
""",
        """
CREATE FUNCTION keys_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  RAISE EXCEPTION 'keys_no_truncate'
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'keys_no_truncate';
END $guard$
""",
        """
CREATE TRIGGER keys_no_truncate BEFORE TRUNCATE ON keys
FOR EACH STATEMENT EXECUTE FUNCTION keys_no_truncate()
""",
        """
CREATE FUNCTION keys_replace_time_permanent() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.replace_time IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.replace_time IS DISTINCT FROM OLD.replace_time) THEN
    RAISE EXCEPTION 'keys_replace_time_permanent'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'keys_replace_time_permanent';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER keys_replace_time_permanent BEFORE UPDATE OR DELETE ON keys
FOR EACH ROW EXECUTE FUNCTION keys_replace_time_permanent()
""",
        """
CREATE FUNCTION keys_replaced_by_permanent() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.replaced_by IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.replaced_by IS DISTINCT FROM OLD.replaced_by) THEN
    RAISE EXCEPTION 'keys_replaced_by_permanent'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'keys_replaced_by_permanent';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER keys_replaced_by_permanent BEFORE UPDATE OR DELETE ON keys
FOR EACH ROW EXECUTE FUNCTION keys_replaced_by_permanent()
""",
        """
CREATE FUNCTION keys_revoke_reason_permanent() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.revoke_reason IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.revoke_reason IS DISTINCT FROM OLD.revoke_reason) THEN
    RAISE EXCEPTION 'keys_revoke_reason_permanent'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'keys_revoke_reason_permanent';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER keys_revoke_reason_permanent BEFORE UPDATE OR DELETE ON keys
FOR EACH ROW EXECUTE FUNCTION keys_revoke_reason_permanent()
""",
        """
CREATE FUNCTION keys_revoke_time_permanent() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.revoke_time IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.revoke_time IS DISTINCT FROM OLD.revoke_time) THEN
    RAISE EXCEPTION 'keys_revoke_time_permanent'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'keys_revoke_time_permanent';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER keys_revoke_time_permanent BEFORE UPDATE OR DELETE ON keys
FOR EACH ROW EXECUTE FUNCTION keys_revoke_time_permanent()
""",
        """
CREATE FUNCTION keys_revoked_by_permanent() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.revoked_by IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.revoked_by IS DISTINCT FROM OLD.revoked_by) THEN
    RAISE EXCEPTION 'keys_revoked_by_permanent'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'keys_revoked_by_permanent';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER keys_revoked_by_permanent BEFORE UPDATE OR DELETE ON keys
FOR EACH ROW EXECUTE FUNCTION keys_revoked_by_permanent()
""",
        """
CREATE FUNCTION keys_shorten_only() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.expire_time IS NOT NULL AND (NEW.expire_time IS NULL OR NEW.expire_time > OLD.expire_time) THEN
    RAISE EXCEPTION 'keys_shorten_only'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'keys_shorten_only';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER keys_shorten_only BEFORE UPDATE ON keys
FOR EACH ROW EXECUTE FUNCTION keys_shorten_only()
""",
        """
CREATE FUNCTION operator_credentials_immutable() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF NEW.credential_id IS DISTINCT FROM OLD.credential_id
  OR NEW.operator_id IS DISTINCT FROM OLD.operator_id
  OR NEW.pepper_id IS DISTINCT FROM OLD.pepper_id
  OR NEW.digest IS DISTINCT FROM OLD.digest
  OR NEW.last_four IS DISTINCT FROM OLD.last_four THEN
    RAISE EXCEPTION 'operator_credentials_immutable'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'operator_credentials_immutable';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER operator_credentials_immutable BEFORE UPDATE ON operator_credentials
FOR EACH ROW EXECUTE FUNCTION operator_credentials_immutable()
""",
        """
CREATE FUNCTION operator_credentials_kept() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.create_time IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.create_time IS DISTINCT FROM OLD.create_time) THEN
    RAISE EXCEPTION 'operator_credentials_kept'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'operator_credentials_kept';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER operator_credentials_kept BEFORE UPDATE OR DELETE ON operator_credentials
FOR EACH ROW EXECUTE FUNCTION operator_credentials_kept()
""",
        """
CREATE FUNCTION operator_credentials_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  RAISE EXCEPTION 'operator_credentials_no_truncate'
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'operator_credentials_no_truncate';
END $guard$
""",
        """
CREATE TRIGGER operator_credentials_no_truncate BEFORE TRUNCATE ON operator_credentials
FOR EACH STATEMENT EXECUTE FUNCTION operator_credentials_no_truncate()
""",
        """
CREATE FUNCTION operator_credentials_replace_time_permanent() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.replace_time IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.replace_time IS DISTINCT FROM OLD.replace_time) THEN
    RAISE EXCEPTION 'operator_credentials_replace_time_permanent'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'operator_credentials_replace_time_permanent';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER operator_credentials_replace_time_permanent BEFORE UPDATE OR DELETE ON operator_credentials
FOR EACH ROW EXECUTE FUNCTION operator_credentials_replace_time_permanent()
""",
        """
CREATE FUNCTION operator_credentials_replaced_by_permanent() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.replaced_by IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.replaced_by IS DISTINCT FROM OLD.replaced_by) THEN
    RAISE EXCEPTION 'operator_credentials_replaced_by_permanent'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'operator_credentials_replaced_by_permanent';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER operator_credentials_replaced_by_permanent BEFORE UPDATE OR DELETE ON operator_credentials
FOR EACH ROW EXECUTE FUNCTION operator_credentials_replaced_by_permanent()
""",
        """
CREATE FUNCTION operator_credentials_shorten_only() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.expire_time IS NOT NULL AND (NEW.expire_time IS NULL OR NEW.expire_time > OLD.expire_time) THEN
    RAISE EXCEPTION 'operator_credentials_shorten_only'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'operator_credentials_shorten_only';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER operator_credentials_shorten_only BEFORE UPDATE ON operator_credentials
FOR EACH ROW EXECUTE FUNCTION operator_credentials_shorten_only()
""",
        """
CREATE FUNCTION operators_immutable() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF NEW.operator_id IS DISTINCT FROM OLD.operator_id
  OR NEW.name IS DISTINCT FROM OLD.name
  OR NEW.person IS DISTINCT FROM OLD.person
  OR NEW.role IS DISTINCT FROM OLD.role THEN
    RAISE EXCEPTION 'operators_immutable'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'operators_immutable';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER operators_immutable BEFORE UPDATE ON operators
FOR EACH ROW EXECUTE FUNCTION operators_immutable()
""",
        """
CREATE FUNCTION operators_kept() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.create_time IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.create_time IS DISTINCT FROM OLD.create_time) THEN
    RAISE EXCEPTION 'operators_kept'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'operators_kept';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER operators_kept BEFORE UPDATE OR DELETE ON operators
FOR EACH ROW EXECUTE FUNCTION operators_kept()
""",
        """
CREATE FUNCTION operators_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  RAISE EXCEPTION 'operators_no_truncate'
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'operators_no_truncate';
END $guard$
""",
        """
CREATE TRIGGER operators_no_truncate BEFORE TRUNCATE ON operators
FOR EACH STATEMENT EXECUTE FUNCTION operators_no_truncate()
""",
        """
CREATE FUNCTION operators_revoke_reason_permanent() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.revoke_reason IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.revoke_reason IS DISTINCT FROM OLD.revoke_reason) THEN
    RAISE EXCEPTION 'operators_revoke_reason_permanent'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'operators_revoke_reason_permanent';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER operators_revoke_reason_permanent BEFORE UPDATE OR DELETE ON operators
FOR EACH ROW EXECUTE FUNCTION operators_revoke_reason_permanent()
""",
        """
CREATE FUNCTION operators_revoke_time_permanent() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.revoke_time IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.revoke_time IS DISTINCT FROM OLD.revoke_time) THEN
    RAISE EXCEPTION 'operators_revoke_time_permanent'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'operators_revoke_time_permanent';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER operators_revoke_time_permanent BEFORE UPDATE OR DELETE ON operators
FOR EACH ROW EXECUTE FUNCTION operators_revoke_time_permanent()
""",
        """
CREATE FUNCTION proposals_close_time_permanent() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF OLD.close_time IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.close_time IS DISTINCT FROM OLD.close_time) THEN
    RAISE EXCEPTION 'proposals_close_time_permanent'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'proposals_close_time_permanent';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER proposals_close_time_permanent BEFORE UPDATE OR DELETE ON proposals
FOR EACH ROW EXECUTE FUNCTION proposals_close_time_permanent()
""",
        """
CREATE FUNCTION proposals_immutable() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF NEW.proposal_id IS DISTINCT FROM OLD.proposal_id
  OR NEW.ticket_id IS DISTINCT FROM OLD.ticket_id
  OR NEW.request_revision IS DISTINCT FROM OLD.request_revision
  OR NEW.environment IS DISTINCT FROM OLD.environment
  OR NEW.organization_id IS DISTINCT FROM OLD.organization_id
  OR NEW.new_organization_name IS DISTINCT FROM OLD.new_organization_name
  OR NEW.terms IS DISTINCT FROM OLD.terms
  OR NEW.proposed_by IS DISTINCT FROM OLD.proposed_by
  OR NEW.person IS DISTINCT FROM OLD.person
  OR NEW.create_time IS DISTINCT FROM OLD.create_time
  OR NEW.expire_time IS DISTINCT FROM OLD.expire_time THEN
    RAISE EXCEPTION 'proposals_immutable'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'proposals_immutable';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER proposals_immutable BEFORE UPDATE ON proposals
FOR EACH ROW EXECUTE FUNCTION proposals_immutable()
""",
        """
CREATE FUNCTION sealed_keys_immutable() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF NEW.key_id IS DISTINCT FROM OLD.key_id
  OR NEW.ticket_id IS DISTINCT FROM OLD.ticket_id
  OR NEW.text IS DISTINCT FROM OLD.text
  OR NEW.create_time IS DISTINCT FROM OLD.create_time THEN
    RAISE EXCEPTION 'sealed_keys_immutable'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'sealed_keys_immutable';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER sealed_keys_immutable BEFORE UPDATE ON sealed_keys
FOR EACH ROW EXECUTE FUNCTION sealed_keys_immutable()
""",
        """
CREATE FUNCTION ticket_messages_immutable() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF NEW.ticket_id IS DISTINCT FROM OLD.ticket_id
  OR NEW.position IS DISTINCT FROM OLD.position
  OR NEW.kind IS DISTINCT FROM OLD.kind
  OR NEW.operator IS DISTINCT FROM OLD.operator
  OR NEW.text IS DISTINCT FROM OLD.text
  OR NEW.time IS DISTINCT FROM OLD.time THEN
    RAISE EXCEPTION 'ticket_messages_immutable'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ticket_messages_immutable';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER ticket_messages_immutable BEFORE UPDATE ON ticket_messages
FOR EACH ROW EXECUTE FUNCTION ticket_messages_immutable()
""",
        """
CREATE FUNCTION ticket_revisions_immutable() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF NEW.ticket_id IS DISTINCT FROM OLD.ticket_id
  OR NEW.revision IS DISTINCT FROM OLD.revision
  OR NEW.form IS DISTINCT FROM OLD.form
  OR NEW.time IS DISTINCT FROM OLD.time THEN
    RAISE EXCEPTION 'ticket_revisions_immutable'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ticket_revisions_immutable';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER ticket_revisions_immutable BEFORE UPDATE ON ticket_revisions
FOR EACH ROW EXECUTE FUNCTION ticket_revisions_immutable()
""",
        """
CREATE FUNCTION tickets_immutable() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF NEW.ticket_id IS DISTINCT FROM OLD.ticket_id
  OR NEW.status_token_digest IS DISTINCT FROM OLD.status_token_digest
  OR NEW.submitted_time IS DISTINCT FROM OLD.submitted_time THEN
    RAISE EXCEPTION 'tickets_immutable'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'tickets_immutable';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $guard$
""",
        """
CREATE TRIGGER tickets_immutable BEFORE UPDATE ON tickets
FOR EACH ROW EXECUTE FUNCTION tickets_immutable()
""",
    ),
}


def upgrade() -> None:
    """Makes the tables and indexes, then the triggers that guard them."""
    op.create_table(
        "audit_anchored_heads",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_anchored_heads")),
    )
    op.create_table(
        "audit_anchors",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_audit_anchors_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_anchors")),
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
        "audit_sink_cursors",
        sa.Column("sink", sa.Text(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sink", "chain", name=op.f("pk_audit_sink_cursors")),
    )
    op.create_table(
        "audit_sinks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("anchor", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_audit_sinks")),
    )
    op.create_table(
        "callback_secrets",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_callback_secrets")),
    )
    op.create_table(
        "credential_epoch",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_credential_epoch_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_epoch")),
    )
    op.create_table(
        "fleet_secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("previous_fingerprint", sa.Text(), nullable=False),
        sa.Column("register_time", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "name IN ('pepper', 'webhook_key', 'audit_key', 'application_key')",
            name=op.f("ck_fleet_secrets_name"),
        ),
        sa.CheckConstraint("length(fingerprint) = 32", name=op.f("ck_fleet_secrets_fingerprint")),
        sa.CheckConstraint(
            "length(previous_fingerprint) IN (0, 32)",
            name=op.f("ck_fleet_secrets_previous_fingerprint"),
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fleet_secrets")),
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
        "leader_leases",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(holder) > 0", name=op.f("ck_leader_leases_holder")),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_leader_leases")),
    )
    op.create_table(
        "operators",
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("revoke_time", sa.BigInteger(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "role IN ('founder', 'api_ops', 'auditor', 'service')", name=op.f("ck_operators_role")
        ),
        sa.CheckConstraint(
            "(revoke_time IS NULL) = (revoke_reason IS NULL)", name=op.f("ck_operators_revoked")
        ),
        sa.PrimaryKeyConstraint("operator_id", name=op.f("pk_operators")),
        sa.UniqueConstraint("name", name=op.f("uq_operators_name")),
    )
    op.create_table(
        "organizations",
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("suspension_reason", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("update_time", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('ACTIVE', 'SUSPENDED')", name=op.f("ck_organizations_state")),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_organizations")),
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
        "schema_floor",
        sa.Column("revision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_schema_floor")),
    )
    op.create_table(
        "usage_days",
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("billable", sa.Boolean(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_usage_days_count")),
        sa.PrimaryKeyConstraint(
            "organization_id",
            "day",
            "key_id",
            "method",
            "tier",
            "environment",
            "billable",
            name=op.f("pk_usage_days"),
        ),
    )
    op.create_index(
        op.f("ix_usage_days_day_organization_id"),
        "usage_days",
        ["day", "organization_id"],
        unique=False,
    )
    op.create_table(
        "usage_positions",
        sa.Column("database", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("database", "organization_id", name=op.f("pk_usage_positions")),
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
        "grant_simulations",
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("simulate_time", sa.BigInteger(), nullable=False),
        sa.Column("simulation", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_grant_simulations_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_grant_simulations")),
    )
    op.create_index(
        op.f("ix_grant_simulations_organization_id_simulate_time"),
        "grant_simulations",
        ["organization_id", "simulate_time"],
        unique=False,
    )
    op.create_table(
        "keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("key_type", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("pepper_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("last_four", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("allowed_origins", sa.Text(), nullable=False),
        sa.Column("allowed_cidrs", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("replaces", sa.Text(), nullable=False),
        sa.Column("expire_time", sa.BigInteger(), nullable=True),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        sa.Column("replace_time", sa.BigInteger(), nullable=True),
        sa.Column("revoke_time", sa.BigInteger(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "environment IN ('sandbox', 'production')", name=op.f("ck_keys_environment")
        ),
        sa.CheckConstraint("key_type IN ('sk', 'pk')", name=op.f("ck_keys_key_type")),
        sa.CheckConstraint(
            "(replaced_by IS NULL) = (replace_time IS NULL)", name=op.f("ck_keys_replaced")
        ),
        sa.CheckConstraint(
            "(revoke_time IS NULL) = (revoke_reason IS NULL) AND (revoke_time IS NULL) = (revoked_by IS NULL)",
            name=op.f("ck_keys_revoked"),
        ),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_keys_digest")),
        sa.CheckConstraint("length(key_id) = 10", name=op.f("ck_keys_key_id")),
        sa.CheckConstraint("length(last_four) = 4", name=op.f("ck_keys_last_four")),
        sa.CheckConstraint(
            "replace_time IS NULL OR expire_time IS NOT NULL", name=op.f("ck_keys_grace")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_keys_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_keys")),
    )
    op.create_index(
        op.f("ix_keys_create_time_key_id"), "keys", ["create_time", "key_id"], unique=False
    )
    op.create_index(op.f("ix_keys_expire_time"), "keys", ["expire_time"], unique=False)
    op.create_index(op.f("ix_keys_grant_id"), "keys", ["grant_id"], unique=False)
    op.create_index(
        op.f("ix_keys_organization_id_create_time"),
        "keys",
        ["organization_id", "create_time"],
        unique=False,
    )
    op.create_table(
        "operator_credentials",
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("pepper_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("last_four", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("expire_time", sa.BigInteger(), nullable=True),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        sa.Column("replace_time", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(replaced_by IS NULL) = (replace_time IS NULL)",
            name=op.f("ck_operator_credentials_replaced"),
        ),
        sa.CheckConstraint(
            "length(credential_id) = 10", name=op.f("ck_operator_credentials_credential_id")
        ),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_operator_credentials_digest")),
        sa.CheckConstraint(
            "replace_time IS NULL OR expire_time IS NOT NULL",
            name=op.f("ck_operator_credentials_grace"),
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"],
            ["operators.operator_id"],
            name=op.f("fk_operator_credentials_operator_id_operators"),
        ),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_operator_credentials")),
    )
    op.create_index(
        op.f("ix_operator_credentials_operator_id_create_time"),
        "operator_credentials",
        ["operator_id", "create_time"],
        unique=False,
    )
    op.create_table(
        "organization_domains",
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("email_domain", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_organization_domains_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "email_domain", name=op.f("pk_organization_domains")
        ),
    )
    op.create_index(
        op.f("ix_organization_domains_email_domain"),
        "organization_domains",
        ["email_domain"],
        unique=False,
    )
    op.create_table(
        "passed_drills",
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pass_time", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('REPLAY', 'TIME_OUT', 'RECOVERY', 'HALF_FEED', 'HELD_CLOSE', 'ROTATION', 'ROLLBACK')",
            name=op.f("ck_passed_drills_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_passed_drills_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "kind", name=op.f("pk_passed_drills")),
    )
    op.create_table(
        "tickets",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("company_name", sa.Text(), nullable=False),
        sa.Column("email_domain", sa.Text(), nullable=False),
        sa.Column("environments", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=True),
        sa.Column("denial_reason", sa.Text(), nullable=False),
        sa.Column("applicant_bytes", sa.Integer(), nullable=False),
        sa.Column("status_token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("submitted_time", sa.BigInteger(), nullable=False),
        sa.Column("update_time", sa.BigInteger(), nullable=False),
        sa.Column("expire_time", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('SUBMITTED', 'IN_REVIEW', 'NEEDS_INFO', 'APPROVED', 'DENIED', 'WITHDRAWN', 'EXPIRED')",
            name=op.f("ck_tickets_state"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_tickets_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_tickets")),
    )
    op.create_index(
        op.f("ix_tickets_email_domain_submitted_time"),
        "tickets",
        ["email_domain", "submitted_time"],
        unique=False,
    )
    op.create_index(op.f("ix_tickets_expire_time"), "tickets", ["expire_time"], unique=False)
    op.create_index(
        op.f("ix_tickets_state_submitted_time_ticket_id"),
        "tickets",
        ["state", "submitted_time", "ticket_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_submitted_time_ticket_id"),
        "tickets",
        ["submitted_time", "ticket_id"],
        unique=False,
    )
    op.create_table(
        "grants",
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("request_revision", sa.Integer(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("key_types", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("employer_user_ids", sa.Text(), nullable=False),
        sa.Column("key_allowance", sa.Integer(), nullable=False),
        sa.Column("callback_url", sa.Text(), nullable=False),
        sa.Column("expire_time", sa.BigInteger(), nullable=True),
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("seal_to", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("revoke_time", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'REVOKED') = (revoke_time IS NOT NULL)", name=op.f("ck_grants_revoke_time")
        ),
        sa.CheckConstraint(
            "environment IN ('sandbox', 'production')", name=op.f("ck_grants_environment")
        ),
        sa.CheckConstraint(
            "state IN ('ACTIVE', 'SUPERSEDED', 'REVOKED')", name=op.f("ck_grants_state")
        ),
        sa.CheckConstraint("key_allowance > 0", name=op.f("ck_grants_key_allowance")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_grants_organization_id_organizations"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.ticket_id"], name=op.f("fk_grants_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("grant_id", "revision", name=op.f("pk_grants")),
    )
    op.create_index(
        op.f("ix_grants_create_time_grant_id_revision"),
        "grants",
        ["create_time", "grant_id", "revision"],
        unique=False,
    )
    op.create_index(
        op.f("ix_grants_organization_id_environment"),
        "grants",
        ["organization_id", "environment"],
        unique=False,
    )
    op.create_index(op.f("ix_grants_ticket_id"), "grants", ["ticket_id"], unique=False)
    op.create_index(
        "uq_grants_in_force",
        "grants",
        ["grant_id"],
        unique=True,
        sqlite_where=sa.text("state = 'ACTIVE'"),
        postgresql_where=sa.text("state = 'ACTIVE'"),
    )
    op.create_table(
        "key_marks",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("last_used_time", sa.BigInteger(), nullable=True),
        sa.Column("last_refused_time", sa.BigInteger(), nullable=True),
        sa.Column("flag_time", sa.BigInteger(), nullable=True),
        sa.Column("notice_time", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["keys.key_id"], name=op.f("fk_key_marks_key_id_keys")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_key_marks")),
    )
    op.create_table(
        "key_rollbacks",
        sa.Column("rollback_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("key_ids", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("hold_time", sa.BigInteger(), nullable=True),
        sa.Column("job_count", sa.Integer(), nullable=False),
        sa.Column("release_reason", sa.Text(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.Column("release_time", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'RELEASED') = (release_time IS NOT NULL)",
            name=op.f("ck_key_rollbacks_release_time"),
        ),
        sa.CheckConstraint(
            "environment IN ('sandbox', 'production')", name=op.f("ck_key_rollbacks_environment")
        ),
        sa.CheckConstraint(
            "state IN ('HOLDING', 'HELD', 'RELEASING', 'RELEASED')",
            name=op.f("ck_key_rollbacks_state"),
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["keys.key_id"], name=op.f("fk_key_rollbacks_key_id_keys")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_key_rollbacks_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("rollback_id", name=op.f("pk_key_rollbacks")),
    )
    op.create_index(
        op.f("ix_key_rollbacks_key_id_create_time"),
        "key_rollbacks",
        ["key_id", "create_time"],
        unique=False,
    )
    op.create_index(
        op.f("ix_key_rollbacks_organization_id_environment_create_time"),
        "key_rollbacks",
        ["organization_id", "environment", "create_time"],
        unique=False,
    )
    op.create_index(
        op.f("ix_key_rollbacks_state"),
        "key_rollbacks",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state IN ('HOLDING', 'RELEASING')"),
        postgresql_where=sa.text("state IN ('HOLDING', 'RELEASING')"),
    )
    op.create_table(
        "ownership_proofs",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("prove_time", sa.BigInteger(), nullable=False),
        sa.Column("check_time", sa.BigInteger(), nullable=False),
        sa.Column("next_check_time", sa.BigInteger(), nullable=False),
        sa.Column("lapse_time", sa.BigInteger(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(lapse_time IS NULL) = (finding = '')", name=op.f("ck_ownership_proofs_finding")
        ),
        sa.CheckConstraint("kind IN ('DOMAIN', 'CALLBACK')", name=op.f("ck_ownership_proofs_kind")),
        sa.CheckConstraint(
            "method IN ('DNS_TXT', 'WELL_KNOWN_FILE', 'CHALLENGE')",
            name=op.f("ck_ownership_proofs_method"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.ticket_id"], name=op.f("fk_ownership_proofs_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "kind", "subject", name=op.f("pk_ownership_proofs")),
    )
    op.create_index(
        op.f("ix_ownership_proofs_next_check_time"),
        "ownership_proofs",
        ["next_check_time"],
        unique=False,
    )
    op.create_table(
        "proposals",
        sa.Column("proposal_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("request_revision", sa.Integer(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=True),
        sa.Column("new_organization_name", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("expire_time", sa.BigInteger(), nullable=False),
        sa.Column("close_time", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("close_reason", sa.Text(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(organization_id IS NULL) = (new_organization_name <> '')",
            name=op.f("ck_proposals_tenant"),
        ),
        sa.CheckConstraint(
            "(state = 'CONFIRMED') = (grant_id <> '')", name=op.f("ck_proposals_confirmed")
        ),
        sa.CheckConstraint(
            "(state = 'OPEN') = (close_time IS NULL)", name=op.f("ck_proposals_closed")
        ),
        sa.CheckConstraint(
            "environment IN ('sandbox', 'production')", name=op.f("ck_proposals_environment")
        ),
        sa.CheckConstraint(
            "state IN ('OPEN', 'CONFIRMED', 'DISCARDED', 'OUTDATED', 'EXPIRED')",
            name=op.f("ck_proposals_state"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_proposals_organization_id_organizations"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.ticket_id"], name=op.f("fk_proposals_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposals")),
    )
    op.create_index(
        op.f("ix_proposals_create_time_proposal_id"),
        "proposals",
        ["create_time", "proposal_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_proposals_state_expire_time"), "proposals", ["state", "expire_time"], unique=False
    )
    op.create_index(
        "uq_proposals_open",
        "proposals",
        ["ticket_id", "environment"],
        unique=True,
        sqlite_where=sa.text("state = 'OPEN'"),
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_table(
        "sealed_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["keys.key_id"], name=op.f("fk_sealed_keys_key_id_keys")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.ticket_id"], name=op.f("fk_sealed_keys_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_sealed_keys")),
    )
    op.create_index(
        op.f("ix_sealed_keys_ticket_id_create_time"),
        "sealed_keys",
        ["ticket_id", "create_time"],
        unique=False,
    )
    op.create_table(
        "ticket_environments",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_time", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "decision IN ('PENDING', 'APPROVED', 'DENIED')",
            name=op.f("ck_ticket_environments_decision"),
        ),
        sa.CheckConstraint(
            "environment IN ('sandbox', 'production')",
            name=op.f("ck_ticket_environments_environment"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.ticket_id"],
            name=op.f("fk_ticket_environments_ticket_id_tickets"),
        ),
        sa.PrimaryKeyConstraint("ticket_id", "environment", name=op.f("pk_ticket_environments")),
    )
    op.create_table(
        "ticket_messages",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('APPLICANT', 'REVIEWER', 'INTERNAL')", name=op.f("ck_ticket_messages_kind")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.ticket_id"], name=op.f("fk_ticket_messages_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "position", name=op.f("pk_ticket_messages")),
    )
    op.create_table(
        "ticket_revisions",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.ticket_id"], name=op.f("fk_ticket_revisions_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "revision", name=op.f("pk_ticket_revisions")),
    )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement.replace(":", "\\:")))
