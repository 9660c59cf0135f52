// Made from generated/openapi.json by `npm run generate`. Don't edit.

/** The routes of this kind, by their paths. */
export interface GetRoutes {
  /**
   * Returns the state of a request. Needs the ticket's status token in `X-Status-Token`.
   *
   * Needs no key, but the ticket's status token.
   */
  "/v1/developer/api-access/requests/{ticketId}": {
    path: {
      /** The ticket. */
      ticketId: string;
    };
    query: {};
    body: undefined;
    reply: TicketStatus;
  };
  /**
   * Fetches a key that was encrypted to the ticket's age recipient. Needs the status token.
   *
   * Needs no key, but the ticket's status token.
   */
  "/v1/developer/api-access/requests/{ticketId}/sealed-key": {
    path: {
      /** The ticket. */
      ticketId: string;
    };
    query: {
      /** Which key. Empty: the newest one. */
      keyId?: string;
    };
    body: undefined;
    reply: SealedKey;
  };
  /**
   * Lists requests, oldest first: the queue.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/access-requests": {
    path: {};
    query: {
      /** Only requests in one of these states. Empty: every state. */
      states?: Array<"SUBMITTED" | "IN_REVIEW" | "NEEDS_INFO" | "APPROVED" | "DENIED" | "WITHDRAWN" | "EXPIRED">;
      /** Only requests assigned to this operator; `-` means unassigned ones. */
      assignee?: string;
      /** Only requests whose contact has a mail address in this domain. */
      emailDomain?: string;
      /** Only those sent before this time: the age filter. */
      submittedBefore?: string;
      /** Only those that ask for this environment. */
      environment?: "sandbox" | "production";
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListAccessRequestsResponse;
  };
  /**
   * Reads one request.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/access-requests/{ticketId}": {
    path: {
      /** The ticket. */
      ticketId: string;
    };
    query: {};
    body: undefined;
    reply: AccessRequest;
  };
  /**
   * Gathers what a reviewer needs to decide.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/access-requests/{ticketId}/dossier": {
    path: {
      /** The ticket. */
      ticketId: string;
    };
    query: {
      /** True probes the callback now: TLS and redirects. Otherwise nothing connects outwards. */
      probeCallback?: boolean;
      /** The organization whose sandbox traffic and grants count. Empty: that of the open proposal, else the ticket's own. */
      organizationId?: string;
    };
    body: undefined;
    reply: Dossier;
  };
  /**
   * Lists grants, newest first.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/grants": {
    path: {};
    query: {
      /** Only grants of this organization. */
      organizationId?: string;
      /** Only grants of this environment. */
      environment?: "sandbox" | "production";
      /** Only grants of this ticket. */
      ticketId?: string;
      /** Only grants in this state. Superseded revisions are left out by default. */
      state?: GrantState;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListGrantsResponse;
  };
  /**
   * Reads the current revision of a grant.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/grants/{grantId}": {
    path: {
      /** The grant. */
      grantId: string;
    };
    query: {};
    body: undefined;
    reply: Grant;
  };
  /**
   * Lists proposals, newest first.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/proposals": {
    path: {};
    query: {
      /** Only proposals in one of these states. Empty: every state. */
      states?: Array<"OPEN" | "CONFIRMED" | "DISCARDED" | "OUTDATED" | "EXPIRED">;
      /** Only those of this ticket. */
      ticketId?: string;
      /** Only those of this environment. */
      environment?: "sandbox" | "production";
      /** True: only open ones that the caller can confirm, since another person proposed them. */
      waitingForMe?: boolean;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListProposalsResponse;
  };
  /**
   * Reads one proposal with all of its terms.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/proposals/{proposalId}": {
    path: {
      /** The proposal. */
      proposalId: string;
    };
    query: {};
    body: undefined;
    reply: Proposal;
  };
  /**
   * Lists the applications for a job, newest first.
   *
   * Needs the scope `jobs:read`. Services of ours need `applications:read`.
   */
  "/v1/jobs/{jobId}/applications": {
    path: {
      /** The job. */
      jobId: string;
    };
    query: {
      /** `sandbox` or `production`, from services. A key has its own: empty. */
      environment?: "" | "sandbox" | "production";
      /** Only those in this state. Unspecified: all. */
      state?: ApplicationState;
      /** How many at most. 0: 50; 200 at most. */
      pageSize?: number;
      /** The `next_page_token` of the page before. Empty: the first page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListApplicationsResponse;
  };
  /**
   * Reads the state of an application. Keys see those of their grant's employers.
   *
   * Needs the scope `jobs:read`. Services of ours need `applications:read`.
   */
  "/v1/applications/{applicationId}": {
    path: {
      /** The application. */
      applicationId: string;
    };
    query: {
      /** `sandbox` or `production`, from services. A key has its own: empty. */
      environment?: "" | "sandbox" | "production";
    };
    body: undefined;
    reply: Application;
  };
  /**
   * Tells how the syncs stand: roles, last attempts, staleness, closes that wait, and who writes which field.
   *
   * Needs the scope `ats:read`.
   */
  "/v1/jobs/ats/status": {
    path: {};
    query: {
      /** Only integrations of this provider. */
      provider?: AtsJobLinkProvider;
      /** Only integrations that speak for this employer. */
      employerUserId?: string;
    };
    body: undefined;
    reply: SyncStatus;
  };
  /**
   * Lists runs, newest first.
   *
   * Needs the scope `ats:read`.
   */
  "/v1/jobs/ats/runs": {
    path: {};
    query: {
      /** Only runs of this integration. */
      integrationId?: string;
      /** Only runs of this provider. */
      provider?: AtsJobLinkProvider;
      /** Only runs in this state. */
      state?: SyncRunState;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListSyncRunsResponse;
  };
  /**
   * Lists what syncs did to single roles, newest first.
   *
   * Needs the scope `ats:read`.
   */
  "/v1/jobs/ats/events": {
    path: {};
    query: {
      /** Only events of this integration. */
      integrationId?: string;
      /** Only events of this run. */
      syncRunId?: string;
      /** Only events of this mirror. */
      jobId?: string;
      /** Only events of this type. */
      type?: AtsJobSyncEventType;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListSyncEventsResponse;
  };
  /**
   * Lists integrations in the order of their making.
   *
   * Needs the scope `ats:read`.
   */
  "/v1/jobs/ats/integrations": {
    path: {};
    query: {
      /** Only those of this provider. */
      provider?: AtsJobLinkProvider;
      /** Only those that speak for this employer. */
      employerUserId?: string;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListIntegrationsResponse;
  };
  /**
   * Reads one integration.
   *
   * Needs the scope `ats:read`.
   */
  "/v1/jobs/ats/integrations/{integrationId}": {
    path: {
      /** The integration. */
      integrationId: string;
    };
    query: {};
    body: undefined;
    reply: AtsIntegration;
  };
  /**
   * Lists the events of the calling key's organization, newest first: those of its keys, grants and requests, and those of its environment. Of operators it shows that one acted, never who, from where or why. `before` and `after` are left out, since they may show what a key's grant doesn't cover.
   *
   * Any valid secret key may call it, about itself.
   */
  "/v1/audit-events": {
    path: {};
    query: {
      /** Only this action, for example `key.rotated`. */
      action?: string;
      /** Only events that have this id among their targets. */
      target?: string;
      /** Only this request. */
      requestId?: string;
      /** Only events at or after this time. */
      startTime?: string;
      /** Only events before this time. */
      endTime?: string;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListOwnAuditEventsResponse;
  };
  /**
   * Exports the three chains of the key's organization, as lines that `xaigh audit verify` proves offline: a header, the newest anchor with a proof for the head of each chain, then the events, oldest first. An event that the key may not read in whole is a link: its place and its hashes, without its content. Operators export it in whole.
   *
   * Any valid secret key may call it, about itself.
   */
  "/v1/audit-events:export": {
    path: {};
    query: {
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ExportOwnAuditEventsResponse;
  };
  /**
   * Lists events of every chain, newest first.
   *
   * Needs the scope `audit:read`.
   */
  "/v1/admin/audit-events": {
    path: {};
    query: {
      /** Only the chains of this database (`control`, `sandbox` or `production`), or only this chain: `sandbox/org_…`, or `control/-` for what concerns no organization. Empty: all, merged by time. */
      chain?: string;
      /** Only this actor. */
      actor?: string;
      /** Only this action. */
      action?: string;
      /** Only events that have this id among their targets. */
      target?: string;
      /** Only this tenant. */
      organizationId?: string;
      /** Only events at or after this time. */
      startTime?: string;
      /** Only events before this time. */
      endTime?: string;
      /** Only this request. */
      requestId?: string;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListAuditEventsResponse;
  };
  /**
   * Reads the policy of an organization, an employer and an environment.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/employers/{employerUserId}/approval-policy": {
    path: {
      /** The employer. */
      employerUserId: string;
    };
    query: {
      /** The organization that posts for the employer. */
      organizationId: string;
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
    };
    body: undefined;
    reply: ApprovalPolicy;
  };
  /**
   * Lists the employers of the grant in the order of their ids.
   *
   * Needs the scope `employer:read`.
   */
  "/v1/employers": {
    path: {};
    query: {
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListEmployersResponse;
  };
  /**
   * Reads one employer.
   *
   * Needs the scope `employer:read`.
   */
  "/v1/employers/{employerUserId}": {
    path: {
      /** The employer; one of the grant's. */
      employerUserId: string;
    };
    query: {};
    body: undefined;
    reply: Employer;
  };
  /**
   * Lists the jobs of one employer, newest first.
   *
   * Needs the scope `employer:read`.
   */
  "/v1/employers/{employerUserId}/jobs": {
    path: {
      /** The employer; one of the grant's. */
      employerUserId: string;
    };
    query: {
      /** Only jobs in this state. Unset: in any. */
      state?: PublicationStatusState;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListEmployerJobsResponse;
  };
  /**
   * Lists the closeouts of one employer's ended jobs, those of the newest jobs first.
   *
   * Needs the scope `employer:read`.
   */
  "/v1/employers/{employerUserId}/closeouts": {
    path: {
      /** The employer; one of the grant's. */
      employerUserId: string;
    };
    query: {
      /** Only closeouts in this state. Unset: in any. */
      state?: CloseoutState;
      /** Only jobs that ended at this time or later. Absent: no bound. */
      since?: string;
      /** Only jobs that ended before this time. Absent: no bound. */
      until?: string;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListCloseoutsResponse;
  };
  /**
   * Reads one job.
   *
   * Needs the scope `jobs:read`.
   */
  "/v1/jobs/{jobId}": {
    path: {
      /** The job. */
      jobId: string;
    };
    query: {};
    body: undefined;
    reply: Job;
  };
  /**
   * Lists jobs, newest first.
   *
   * Needs the scope `jobs:read`.
   */
  "/v1/jobs": {
    path: {};
    query: {
      /** Only jobs of this employer. Empty: of all employers of the grant. */
      employerUserId?: string;
      /** Only jobs from there. */
      source?: JobSource;
      /** Only jobs in this state. */
      state?: PublicationStatusState;
      /** Only jobs with this external reference. */
      externalReference?: string;
      /** Only mirrors of this integration. */
      integrationId?: string;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListJobsResponse;
  };
  /**
   * Returns how well the jobs of one employer are filled and attended.
   *
   * Needs the scope `workforce:read`.
   */
  "/v1/employers/{employerUserId}/workforce-status": {
    path: {
      /** The employer; one of the grant's. */
      employerUserId: string;
    };
    query: {};
    body: undefined;
    reply: WorkforceStatus;
  };
  /**
   * Lists the jobs that the public may see: open, listed, not held back and no prospects, newest first.
   *
   * Needs the scope `jobs:read`. Publishable keys may call it.
   */
  "/v1/published-jobs": {
    path: {};
    query: {
      /** Only jobs of this employer. Empty: of all employers of the grant. */
      employerUserId?: string;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListPublishedJobsResponse;
  };
  /**
   * Lists keys, newest first.
   *
   * Needs the scope `keys:read`.
   */
  "/v1/admin/keys": {
    path: {};
    query: {
      /** Only keys of this organization. */
      organizationId?: string;
      /** Only keys of this grant. */
      grantId?: string;
      /** Only keys of this environment. */
      environment?: "sandbox" | "production";
      /** Only keys in this state. */
      state?: KeyState;
      /** Only keys of this type. */
      keyType?: "sk" | "pk";
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListKeysResponse;
  };
  /**
   * Reads the record of a key.
   *
   * Needs the scope `keys:read`.
   */
  "/v1/admin/keys/{keyId}": {
    path: {
      /** The key's public id. */
      keyId: string;
    };
    query: {};
    body: undefined;
    reply: Key;
  };
  /**
   * Lists every scope of this deployment, with what it opens and what a wrong call can cost: those of this API, and those of products that its settings name.
   *
   * Public: needs no credential.
   */
  "/v1/scopes": {
    path: {};
    query: {};
    body: undefined;
    reply: ListScopesResponse;
  };
  /**
   * Returns the identity and rights of the credential.
   *
   * Any valid secret key may call it, about itself.
   */
  "/v1/whoami": {
    path: {};
    query: {};
    body: undefined;
    reply: Identity;
  };
  /**
   * Reports the usage of the organization in the key's environment.
   *
   * Any valid secret key may call it, about itself.
   */
  "/v1/usage": {
    path: {};
    query: {
      /** The first day, as `2026-11-22`, UTC. Empty: the first of this month. */
      startDate?: string;
      /** The last day, included. Empty: today. */
      endDate?: string;
    };
    body: undefined;
    reply: UsageReport;
  };
  /**
   * Reports the usage of every organization, or of one.
   *
   * Needs the scope `audit:read`.
   */
  "/v1/admin/usage": {
    path: {};
    query: {
      /** Only this organization. */
      organizationId?: string;
      /** Only this key. */
      keyId?: string;
      /** Only this environment. */
      environment?: "sandbox" | "production";
      /** The first day, as `2026-11-22`, UTC. Empty: the first of this month. */
      startDate?: string;
      /** The last day, included. Empty: today. */
      endDate?: string;
    };
    body: undefined;
    reply: UsageReport;
  };
  /**
   * Reads one job of any organization.
   *
   * Needs the scope `operations:read`.
   */
  "/v1/operations/jobs/{jobId}": {
    path: {
      /** The job. */
      jobId: string;
    };
    query: {
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
    };
    body: undefined;
    reply: Job;
  };
  /**
   * Lists jobs of all organizations, newest first. Jobs that wait for an approval or were returned aren't among them.
   *
   * Needs the scope `operations:read`.
   */
  "/v1/operations/jobs": {
    path: {};
    query: {
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
      /** Only jobs of this organization. Empty: of all. */
      organizationId?: string;
      /** Only jobs of this employer. Empty: of all. */
      employerUserId?: string;
      /** Only jobs from there. */
      source?: JobSource;
      /** Only jobs in this state. */
      state?: PublicationStatusState;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: OperationsServiceListJobsResponse;
  };
  /**
   * Lists what syncs did to single roles of all organizations, newest first.
   *
   * Needs the scope `operations:read`.
   */
  "/v1/operations/ats/events": {
    path: {};
    query: {
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
      /** Only events of this organization. Empty: of all. */
      organizationId?: string;
      /** Only events of this integration. */
      integrationId?: string;
      /** Only events of this job. */
      jobId?: string;
      /** Only events of this type. */
      type?: AtsJobSyncEventType;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: OperationsServiceListSyncEventsResponse;
  };
  /**
   * Lists organizations by name.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/organizations": {
    path: {};
    query: {
      /** Only organizations in this state. */
      state?: OrganizationState;
      /** Only those with a contact in this mail domain. */
      emailDomain?: string;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListOrganizationsResponse;
  };
  /**
   * Reads one organization.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/organizations/{organizationId}": {
    path: {
      /** The organization. */
      organizationId: string;
    };
    query: {};
    body: undefined;
    reply: Organization;
  };
  /**
   * Lists every drill, passed or not.
   *
   * Any valid secret key may call it, about itself.
   */
  "/v1/drills": {
    path: {};
    query: {};
    body: undefined;
    reply: ListDrillsResponse;
  };
  /**
   * Lists calls, those that ended last first.
   *
   * Any valid secret key may call it, about itself.
   */
  "/v1/request-logs": {
    path: {};
    query: {
      /** True: only calls that failed. */
      errorsOnly?: boolean;
      /** Only calls that failed for this reason, `FIELD_INVALID`. */
      reason?: string;
      /** Only calls of this method, by its full name. */
      method?: string;
      /** Only calls of this key. */
      keyId?: string;
      /** Only calls with this client request id. */
      clientRequestId?: string;
      /** Only calls that ended at or after this time. */
      startTime?: string;
      /** Only calls that ended before this time. */
      endTime?: string;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListRequestLogsResponse;
  };
  /**
   * Returns one call by its request id.
   *
   * Any valid secret key may call it, about itself.
   */
  "/v1/request-logs/{requestId}": {
    path: {
      /** The request id, `req_…`. */
      requestId: string;
    };
    query: {};
    body: undefined;
    reply: RequestLog;
  };
  /**
   * Lists jobs, newest first, of one organization or of all.
   *
   * Needs the scope `support:read`.
   */
  "/v1/admin/organizations/{organizationId}/jobs": {
    path: {
      /** The organization, or `-` for all. */
      organizationId: string;
    };
    query: {
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
      /** Only jobs of this employer. */
      employerUserId?: string;
      /** Only jobs from there. */
      source?: JobSource;
      /** Only jobs in this state. */
      state?: PublicationStatusState;
      /** Only jobs with this external reference. */
      externalReference?: string;
      /** Only mirrors of this integration. */
      integrationId?: string;
      /** Only this job. */
      jobId?: string;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListOrganizationJobsResponse;
  };
  /**
   * Lists integrations in the order of their making, of one organization or of all.
   *
   * Needs the scope `support:read`.
   */
  "/v1/admin/organizations/{organizationId}/integrations": {
    path: {
      /** The organization, or `-` for all. */
      organizationId: string;
    };
    query: {
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
      /** Only those with this provider. */
      provider?: AtsJobLinkProvider;
      /** Only those that speak for this employer. */
      employerUserId?: string;
      /** Only those in this state. */
      state?: AtsIntegrationState;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListOrganizationIntegrationsResponse;
  };
  /**
   * Lists sync runs, newest first, of one organization or of all.
   *
   * Needs the scope `support:read`.
   */
  "/v1/admin/organizations/{organizationId}/runs": {
    path: {
      /** The organization, or `-` for all. */
      organizationId: string;
    };
    query: {
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
      /** Only runs of this integration. */
      integrationId?: string;
      /** Only runs with this provider. */
      provider?: AtsJobLinkProvider;
      /** Only runs in this state. */
      state?: SyncRunState;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListOrganizationRunsResponse;
  };
  /**
   * Lists sync events with their raw hashes, newest first, of one organization or of all.
   *
   * Needs the scope `support:read`.
   */
  "/v1/admin/organizations/{organizationId}/events": {
    path: {
      /** The organization, or `-` for all. */
      organizationId: string;
    };
    query: {
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
      /** Only events of this integration. */
      integrationId?: string;
      /** Only events of this job. */
      jobId?: string;
      /** Only events of this type. */
      type?: AtsJobSyncEventType;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListOrganizationEventsResponse;
  };
  /**
   * Lists applications without personal data, newest first, of one organization or of all.
   *
   * Needs the scope `support:read`.
   */
  "/v1/admin/organizations/{organizationId}/applications": {
    path: {
      /** The organization, or `-` for all. */
      organizationId: string;
    };
    query: {
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
      /** Only those for this job. */
      jobId?: string;
      /** Only those in this state, for example UNCERTAIN. Unspecified: all. */
      state?: ApplicationState;
      /** How many at most. 0: 50; 200 at most. */
      pageSize?: number;
      /** The `next_page_token` of the page before. Empty: the first page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListOrganizationApplicationsResponse;
  };
  /**
   * Lists webhook endpoints without their secrets, newest first, of one organization or of all.
   *
   * Needs the scope `support:read`.
   */
  "/v1/admin/organizations/{organizationId}/endpoints": {
    path: {
      /** The organization, or `-` for all. */
      organizationId: string;
    };
    query: {
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListOrganizationEndpointsResponse;
  };
  /**
   * Lists webhook deliveries, newest first, of one organization or of all.
   *
   * Needs the scope `support:read`.
   */
  "/v1/admin/organizations/{organizationId}/deliveries": {
    path: {
      /** The organization, or `-` for all. */
      organizationId: string;
    };
    query: {
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
      /** Only those to this endpoint. */
      endpointId?: string;
      /** Only those of this event. */
      eventId?: string;
      /** Only those of this event type. */
      eventType?: string;
      /** Only those in this state. */
      state?: DeliveryState;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListOrganizationDeliveriesResponse;
  };
  /**
   * Lists calls of known keys, those that ended last first, of one organization or of all.
   *
   * Needs the scope `support:read`.
   */
  "/v1/admin/organizations/{organizationId}/request-logs": {
    path: {
      /** The organization, or `-` for all. */
      organizationId: string;
    };
    query: {
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
      /** True: only calls that failed. */
      errorsOnly?: boolean;
      /** Only calls that failed for this reason, `FIELD_INVALID`. */
      reason?: string;
      /** Only calls of this method, by its full name. */
      method?: string;
      /** Only calls of this key. */
      keyId?: string;
      /** Only calls with this client request id. */
      clientRequestId?: string;
      /** Only calls that ended at or after this time. */
      startTime?: string;
      /** Only calls that ended before this time. */
      endTime?: string;
      /** At most so many; 50 if 0, 200 at most. */
      pageSize?: number;
      /** From the previous page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListOrganizationRequestLogsResponse;
  };
  /**
   * Returns one call of a known key by its request id.
   *
   * Needs the scope `support:read`.
   */
  "/v1/admin/organizations/{organizationId}/request-logs/{requestId}": {
    path: {
      /** The organization, or `-` for all. */
      organizationId: string;
      /** The request id, `req_…`. */
      requestId: string;
    };
    query: {
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
    };
    body: undefined;
    reply: RequestLog;
  };
  /**
   * Returns what a key would hear from WhoAmI: its rights as they are now, and what is left of its limit.
   *
   * Needs the scope `support:read`.
   */
  "/v1/admin/organizations/{organizationId}/keys/{keyId}/whoami": {
    path: {
      /** The organization that the key belongs to. */
      organizationId: string;
      /** The key. */
      keyId: string;
    };
    query: {
      /** The environment of the key: `sandbox` or `production`. */
      environment: "sandbox" | "production";
    };
    body: undefined;
    reply: Identity;
  };
  /**
   * Lists the organization's endpoints, newest first.
   *
   * Needs the scope `webhooks:read`.
   */
  "/v1/webhooks/endpoints": {
    path: {};
    query: {
      /** How many to return at most. 0: 50; more than 200 is taken as 200. */
      pageSize?: number;
      /** The `next_page_token` of the page before. Empty: the first page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListEndpointsResponse;
  };
  /**
   * Reads one endpoint.
   *
   * Needs the scope `webhooks:read`.
   */
  "/v1/webhooks/endpoints/{endpointId}": {
    path: {
      /** The endpoint. */
      endpointId: string;
    };
    query: {};
    body: undefined;
    reply: Endpoint;
  };
  /**
   * Lists the organization's deliveries, newest first. They are kept for 30 days after their end.
   *
   * Needs the scope `webhooks:read`.
   */
  "/v1/webhooks/deliveries": {
    path: {};
    query: {
      /** Those to this endpoint. Empty: to all. */
      endpointId?: string;
      /** Those of this event. Empty: of all. */
      eventId?: string;
      /** Those of this event type. Empty: of all. */
      eventType?: string;
      /** Those in this state. STATE_UNSPECIFIED: in any. */
      state?: DeliveryState;
      /** Those made at or after this time. */
      createdAfterTime?: string;
      /** Those made before this time. */
      createdBeforeTime?: string;
      /** How many to return at most. 0: 50; more than 200 is taken as 200. */
      pageSize?: number;
      /** The `next_page_token` of the page before. Empty: the first page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListDeliveriesResponse;
  };
  /**
   * Lists the organization's events, newest first, whether or not an endpoint received them. They are kept for 30 days (a deployment may choose). The key sees what an endpoint that it made would receive: events of its scopes, and of the employers of its grant. Test events aren't listed.
   *
   * Needs the scope `webhooks:read`.
   */
  "/v1/webhooks/events": {
    path: {};
    query: {
      /** Those of this type. Empty: of all. */
      eventType?: string;
      /** Those that happened at or after this time. Absent: since any. */
      since?: string;
      /** Those that happened before this time. Absent: until now. */
      until?: string;
      /** How many to return at most. 0: 50; more than 200 is taken as 200. */
      pageSize?: number;
      /** The `next_page_token` of the page before. Empty: the first page. */
      pageToken?: string;
    };
    body: undefined;
    reply: ListEventsResponse;
  };
  /**
   * Reads one event.
   *
   * Needs the scope `webhooks:read`.
   */
  "/v1/webhooks/events/{eventId}": {
    path: {
      /** The event's id, `evt_` and letters and digits, equal to the header `webhook-id`. */
      eventId: string;
    };
    query: {};
    body: undefined;
    reply: Event;
  };
}

/** The routes of this kind, by their paths. */
export interface PostRoutes {
  /**
   * Asks for access. The reply is a review ticket, never a key.
   *
   * Public: needs no credential.
   */
  "/v1/developer/api-access/request": {
    path: {};
    query: {};
    body: SubmitAccessRequestRequest;
    reply: Ticket;
  };
  /**
   * Changes an open request; the review begins anew on the new revision. Needs the status token.
   *
   * Needs no key, but the ticket's status token.
   */
  "/v1/developer/api-access/requests/{ticketId}:amend": {
    path: {
      /** The ticket. */
      ticketId: string;
    };
    query: {};
    body: AmendAccessRequestBody;
    reply: TicketStatus;
  };
  /**
   * Takes an open request back. Needs the status token.
   *
   * Needs no key, but the ticket's status token.
   */
  "/v1/developer/api-access/requests/{ticketId}:withdraw": {
    path: {
      /** The ticket. */
      ticketId: string;
    };
    query: {};
    body: WithdrawAccessRequestBody;
    reply: TicketStatus;
  };
  /**
   * Answers the reviewers. A request in NEEDS_INFO goes back to IN_REVIEW. Needs the status token.
   *
   * Needs no key, but the ticket's status token.
   */
  "/v1/developer/api-access/requests/{ticketId}:reply": {
    path: {
      /** The ticket. */
      ticketId: string;
    };
    query: {};
    body: ReplyToReviewBody;
    reply: TicketStatus;
  };
  /**
   * Proves that the applicant has the domain of the contact's mail address: looks the TXT record up, and where it is missing fetches the file, as the status of the ticket says. Needs the status token. Limited by peer and by ticket.
   *
   * Needs no key, but the ticket's status token.
   */
  "/v1/developer/api-access/requests/{ticketId}:proveDomain": {
    path: {
      /** The ticket. */
      ticketId: string;
    };
    query: {};
    body: ProveDomainBody;
    reply: TicketStatus;
  };
  /**
   * Proves that the applicant has the callback: posts a signed challenge to it, which it must answer with the challenge's value. Needs the status token. Limited by peer and by ticket.
   *
   * Needs no key, but the ticket's status token.
   */
  "/v1/developer/api-access/requests/{ticketId}:proveCallback": {
    path: {
      /** The ticket. */
      ticketId: string;
    };
    query: {};
    body: ProveCallbackBody;
    reply: TicketStatus;
  };
  /**
   * Takes a request into review: the caller becomes its assignee.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/access-requests/{ticketId}:startReview": {
    path: {
      /** The ticket. */
      ticketId: string;
    };
    query: {};
    body: StartReviewBody;
    reply: AccessRequest;
  };
  /**
   * Asks the applicant something.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/access-requests/{ticketId}:requestInfo": {
    path: {
      /** The ticket. */
      ticketId: string;
    };
    query: {};
    body: RequestInfoBody;
    reply: AccessRequest;
  };
  /**
   * Approves one environment: makes a grant, or, where two operators are needed, a proposal that another operator confirms by `ConfirmProposal`. Never makes a key, and never confirms.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/access-requests/{ticketId}:approve": {
    path: {
      /** The ticket. */
      ticketId: string;
    };
    query: {};
    body: ApproveAccessRequestBody;
    reply: ApproveAccessRequestResponse;
  };
  /**
   * Refuses a request, or one environment of it, with a public reason.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/access-requests/{ticketId}:deny": {
    path: {
      /** The ticket. */
      ticketId: string;
    };
    query: {};
    body: DenyAccessRequestBody;
    reply: AccessRequest;
  };
  /**
   * Makes a narrower revision. Its keys obey it before the reply returns.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/grants/{grantId}:narrow": {
    path: {
      /** The grant. */
      grantId: string;
    };
    query: {};
    body: NarrowGrantBody;
    reply: Grant;
  };
  /**
   * Tells what a narrower grant would have done to the calls in the request log. It changes no right. The last one is kept and stands in the dossier.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/grants/{grantId}:simulate": {
    path: {
      /** The grant, which must be in force. */
      grantId: string;
    };
    query: {};
    body: SimulateGrantBody;
    reply: GrantSimulation;
  };
  /**
   * Revokes a grant for good, and all its keys with it.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/grants/{grantId}:revoke": {
    path: {
      /** The grant. */
      grantId: string;
    };
    query: {};
    body: RevokeGrantBody;
    reply: Grant;
  };
  /**
   * Confirms a proposal of another person: makes the grant with exactly the proposed terms, for exactly the proposed organization. The terms are judged again by what holds now. Never makes a key.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/proposals/{proposalId}:confirm": {
    path: {
      /** The proposal. */
      proposalId: string;
    };
    query: {};
    body: ConfirmProposalBody;
    reply: ConfirmProposalResponse;
  };
  /**
   * Discards a proposal, one's own or another operator's. The environment can then be proposed anew or denied.
   *
   * Needs the scope `access:review`.
   */
  "/v1/admin/proposals/{proposalId}:discard": {
    path: {
      /** The proposal. */
      proposalId: string;
    };
    query: {};
    body: DiscardProposalBody;
    reply: Proposal;
  };
  /**
   * Takes an application for a mirrored role whose integration forwards them. The reply comes once it is stored; it is sent afterwards.
   *
   * Needs the scope `applications:write`.
   */
  "/v1/jobs/{jobId}/applications": {
    path: {
      /** The mirrored role, `ats_…`. */
      jobId: string;
    };
    query: {};
    body: SubmitApplicationBody;
    reply: Application;
  };
  /**
   * Erases the personal data of an application, for good. One that waits to be sent is FAILED then. One that is being sent may still arrive.
   *
   * Needs the scope `applications:write`.
   */
  "/v1/applications/{applicationId}:erase": {
    path: {
      /** The application. */
      applicationId: string;
    };
    query: {};
    body: EraseApplicationBody;
    reply: Application;
  };
  /**
   * Sends an UNCERTAIN, REFUSED or FAILED application again, by an operator's decision: the client may get an UNCERTAIN one twice.
   *
   * Needs the scope `organizations:write`.
   */
  "/v1/applications/{applicationId}:resend": {
    path: {
      /** The application. */
      applicationId: string;
    };
    query: {};
    body: ResendApplicationBody;
    reply: Application;
  };
  /**
   * Says what became of an UNCERTAIN application, by an operator who asked the client.
   *
   * Needs the scope `organizations:write`.
   */
  "/v1/applications/{applicationId}:settle": {
    path: {
      /** The application. */
      applicationId: string;
    };
    query: {};
    body: SettleApplicationBody;
    reply: Application;
  };
  /**
   * Makes the secret that signs what the integration's target gets; shown once. Until there is one, an HTTPS target is not valid. The secret before signs beside the new one for a day.
   *
   * Needs the scope `ats:sync`.
   */
  "/v1/jobs/ats/integrations/{integrationId}:rotateForwardSecret": {
    path: {
      /** The integration. */
      integrationId: string;
    };
    query: {};
    body: RotateForwardSecretBody;
    reply: RotateForwardSecretResponse;
  };
  /**
   * Tells what the agent did with an application that it received.
   *
   * Needs the scope `applications:forward`.
   */
  "/v1/applications/{applicationId}:report": {
    path: {
      /** The application. */
      applicationId: string;
    };
    query: {};
    body: ReportApplicationBody;
    reply: Application;
  };
  /**
   * Takes a batch of at most 200 records. Each gets an outcome of its own; one bad record never fails the others. Batches with one `syncRunId` form a run.
   *
   * Needs the scope `ats:sync`.
   */
  "/v1/jobs/ats/sync": {
    path: {};
    query: {};
    body: SyncJobsRequest;
    reply: SyncJobsResponse;
  };
  /**
   * Closes the roles that the guard held back, once and within a day, if the count is exactly the one held. Roles that came back meanwhile stay open.
   *
   * Needs the scope `ats:confirm`.
   */
  "/v1/jobs/ats/runs/{syncRunId}:confirmClose": {
    path: {
      /** The run that was held. */
      syncRunId: string;
    };
    query: {};
    body: ConfirmCloseBody;
    reply: SyncRun;
  };
  /**
   * Clears the fields that the guard held back because too many roles lost them at once: once, within a day, and those that are named. Roles that have the field again meanwhile keep it.
   *
   * Needs the scope `ats:confirm`.
   */
  "/v1/jobs/ats/runs/{syncRunId}:confirmDrift": {
    path: {
      /** The run that was held. */
      syncRunId: string;
    };
    query: {};
    body: ConfirmDriftBody;
    reply: SyncRun;
  };
  /**
   * Makes an integration. In production it is PENDING until an operator activates it; in the sandbox it is ACTIVE at once.
   *
   * Needs the scope `ats:sync`.
   */
  "/v1/jobs/ats/integrations": {
    path: {};
    query: {};
    body: AtsIntegrationInput;
    reply: AtsIntegration;
  };
  /**
   * Ends an integration of the sandbox for its own organization: all of its open roles are closed, and direct jobs of its employers can be posted again. In production an operator deactivates it. An ended one stays as it is, and nothing is recorded.
   *
   * Needs the scope `ats:sync`.
   */
  "/v1/jobs/ats/integrations/{integrationId}:retire": {
    path: {
      /** The integration. */
      integrationId: string;
    };
    query: {};
    body: RetireIntegrationBody;
    reply: AtsIntegration;
  };
  /**
   * Activates an integration: it syncs from then on, and direct jobs of its employers can no longer be posted. Those that exist stay as they are. An active one stays as it is, and nothing is recorded.
   *
   * Needs the scope `organizations:write`.
   */
  "/v1/admin/organizations/{organizationId}/integrations/{integrationId}:activate": {
    path: {
      /** The organization that it belongs to. */
      organizationId: string;
      /** The integration. */
      integrationId: string;
    };
    query: {};
    body: ActivateIntegrationBody;
    reply: AtsIntegration;
  };
  /**
   * Applies the pending change of an active integration: its terms hold from the next call on. Roles of an employer that it no longer speaks for stay as they are.
   *
   * Needs the scope `organizations:write`.
   */
  "/v1/admin/organizations/{organizationId}/integrations/{integrationId}:applyChange": {
    path: {
      /** The organization that it belongs to. */
      organizationId: string;
      /** The integration. */
      integrationId: string;
    };
    query: {};
    body: ApplyIntegrationChangeBody;
    reply: AtsIntegration;
  };
  /**
   * Discards the pending change of an active integration: its terms stay.
   *
   * Needs the scope `organizations:write`.
   */
  "/v1/admin/organizations/{organizationId}/integrations/{integrationId}:discardChange": {
    path: {
      /** The organization that it belongs to. */
      organizationId: string;
      /** The integration. */
      integrationId: string;
    };
    query: {};
    body: DiscardIntegrationChangeBody;
    reply: AtsIntegration;
  };
  /**
   * Stops an integration, and says what becomes of its open roles. Direct jobs of its employers can be posted again. Its open run ends, and its held close and its pending change are cancelled. Of a stopped one, CLOSE still closes the roles that were kept.
   *
   * Needs the scope `organizations:write`.
   */
  "/v1/admin/organizations/{organizationId}/integrations/{integrationId}:deactivate": {
    path: {
      /** The organization that it belongs to. */
      organizationId: string;
      /** The integration. */
      integrationId: string;
    };
    query: {};
    body: DeactivateIntegrationBody;
    reply: AtsIntegration;
  };
  /**
   * Approves a posting in state PENDING_APPROVAL: the job is open. Refused with POSTING_SELF_APPROVAL for the key that posted it, for a key that changed its content since the last approval, and for the other keys of their rotations.
   *
   * Needs the scope `employer:approve`.
   */
  "/v1/jobs/{jobId}:approvePosting": {
    path: {
      /** The job. */
      jobId: string;
    };
    query: {};
    body: ApprovePostingBody;
    reply: EmployerJob;
  };
  /**
   * Returns a posting in state PENDING_APPROVAL to its integrator. A change of its content makes it pending again; CloseJob gives it up.
   *
   * Needs the scope `employer:approve`.
   */
  "/v1/jobs/{jobId}:returnPosting": {
    path: {
      /** The job. */
      jobId: string;
    };
    query: {};
    body: ReturnPostingBody;
    reply: EmployerJob;
  };
  /**
   * Posts a direct job. Refused with ATS_INGEST_REQUIRED for an employer under an active integration: there the client's ATS writes the jobs. Under an approval policy the job isn't open: it waits for an approval, in state PENDING_APPROVAL.
   *
   * Needs the scope `jobs:write`.
   */
  "/v1/jobs/post": {
    path: {};
    query: {};
    body: PostJobRequest;
    reply: Job;
  };
  /**
   * Closes a direct job for good: it stops matching at once. Closing a closed job changes nothing. A mirrored job is refused with ATS_INGEST_REQUIRED.
   *
   * Needs the scope `jobs:write`.
   */
  "/v1/jobs/{jobId}:close": {
    path: {
      /** The job. */
      jobId: string;
    };
    query: {};
    body: CloseJobBody;
    reply: Job;
  };
  /**
   * Issues a key from a grant, never wider than it. It is shown once.
   *
   * Needs the scope `keys:write`.
   */
  "/v1/admin/keys": {
    path: {};
    query: {};
    body: IssueKeyRequest;
    reply: IssuedKey;
  };
  /**
   * Replaces a key. The old key ends at once, or after the requested grace period.
   *
   * Needs the scope `keys:write`.
   */
  "/v1/admin/keys/{keyId}:rotate": {
    path: {
      /** The key's public id. */
      keyId: string;
    };
    query: {};
    body: RotateKeyBody;
    reply: IssuedKey;
  };
  /**
   * Revokes a key for good. No call that starts after the reply succeeds.
   *
   * Needs the scope `keys:write`.
   */
  "/v1/admin/keys/{keyId}:revoke": {
    path: {
      /** The key's public id. */
      keyId: string;
    };
    query: {};
    body: RevokeKeyBody;
    reply: Key;
  };
  /**
   * Takes a key back together with what it did: revokes it, and holds every open job that it and its rotated predecessors posted since a time. Jobs of a sync stay as they are. The revocation is committed first and stands even where holding fails; repeating the call completes it. One rollback of a key is open at a time: a repeat with an earlier `since` widens it, a later `since` changes nothing.
   *
   * Needs the scope `keys:write`.
   */
  "/v1/admin/keys/{keyId}:rollback": {
    path: {
      /** The key's public id. */
      keyId: string;
    };
    query: {};
    body: RollbackKeyBody;
    reply: Rollback;
  };
  /**
   * Releases exactly the holds of the key's last rollback: a job that nothing else holds or closes is open again. The key stays revoked. Repeating the call completes it.
   *
   * Needs the scope `keys:write`.
   */
  "/v1/admin/keys/{keyId}:releaseHolds": {
    path: {
      /** The key's public id. */
      keyId: string;
    };
    query: {};
    body: ReleaseHoldsBody;
    reply: Rollback;
  };
  /**
   * Returns whether a key that was presented to another service is allowed there. Takes one unit of the key's limit unless it peeks.
   *
   * Needs the scope `keys:verify`.
   */
  "/v1/admin/keys:verify": {
    path: {};
    query: {};
    body: VerifyKeyRequest;
    reply: KeyVerdict;
  };
  /**
   * Revokes the very key that the call is made with, for good.
   *
   * Any valid secret key may call it, about itself.
   */
  "/v1/whoami:revoke": {
    path: {};
    query: {};
    body: RevokeSelfRequest;
    reply: Key;
  };
  /**
   * Suspends an organization: none of its keys works until it is resumed.
   *
   * Needs the scope `organizations:write`.
   */
  "/v1/admin/organizations/{organizationId}:suspend": {
    path: {
      /** The organization. */
      organizationId: string;
    };
    query: {};
    body: SuspendOrganizationBody;
    reply: Organization;
  };
  /**
   * Resumes an organization: what wasn't revoked meanwhile works again.
   *
   * Needs the scope `organizations:write`.
   */
  "/v1/admin/organizations/{organizationId}:resume": {
    path: {
      /** The organization. */
      organizationId: string;
    };
    query: {};
    body: ResumeOrganizationBody;
    reply: Organization;
  };
  /**
   * Looks in the server's own records for a drill, and keeps what it finds. A drill that it didn't see is refused with DRILL_NOT_SEEN.
   *
   * Any valid secret key may call it, about itself.
   */
  "/v1/drills:record": {
    path: {};
    query: {};
    body: RecordDrillRequest;
    reply: Drill;
  };
  /**
   * Disables an endpoint: nothing is sent to it until operators enable it again. What waits for it is cancelled. The endpoint says why, and to operators by whom. The organization can't delete it, move it, or make another one at its URL, whatever the query.
   *
   * Needs the scope `organizations:write`.
   */
  "/v1/admin/organizations/{organizationId}/endpoints/{endpointId}:disable": {
    path: {
      /** The organization that it belongs to. */
      organizationId: string;
      /** The endpoint. */
      endpointId: string;
    };
    query: {};
    body: DisableEndpointBody;
    reply: Endpoint;
  };
  /**
   * Enables an endpoint, whatever disabled it. Events from then on are sent to it.
   *
   * Needs the scope `organizations:write`.
   */
  "/v1/admin/organizations/{organizationId}/endpoints/{endpointId}:enable": {
    path: {
      /** The organization that it belongs to. */
      organizationId: string;
      /** The endpoint. */
      endpointId: string;
    };
    query: {};
    body: EnableEndpointBody;
    reply: Endpoint;
  };
  /**
   * Holds one job: it isn't published and doesn't match until operators release it, whatever its client does. Holding a held job again changes nothing.
   *
   * Needs the scope `organizations:write`.
   */
  "/v1/admin/organizations/{organizationId}/jobs/{jobId}:hold": {
    path: {
      /** The organization that it belongs to. */
      organizationId: string;
      /** The job. */
      jobId: string;
    };
    query: {};
    body: HoldJobBody;
    reply: Job;
  };
  /**
   * Releases the hold that HoldJob laid on a job. The hold of a rollback stays: that is released as a whole, with the rollback.
   *
   * Needs the scope `organizations:write`.
   */
  "/v1/admin/organizations/{organizationId}/jobs/{jobId}:release": {
    path: {
      /** The organization that it belongs to. */
      organizationId: string;
      /** The job. */
      jobId: string;
    };
    query: {};
    body: ReleaseJobBody;
    reply: Job;
  };
  /**
   * Makes an endpoint and shows its secret, once.
   *
   * Needs the scope `webhooks:write`.
   */
  "/v1/webhooks/endpoints": {
    path: {};
    query: {};
    body: CreateEndpointRequest;
    reply: Endpoint;
  };
  /**
   * Gives an endpoint a new secret and shows it, once. Events carry the signatures of both secrets until the overlap ends.
   *
   * Needs the scope `webhooks:write`.
   */
  "/v1/webhooks/endpoints/{endpointId}:rotateSecret": {
    path: {
      /** The endpoint. */
      endpointId: string;
    };
    query: {};
    body: RotateSecretBody;
    reply: Endpoint;
  };
  /**
   * Sends a `webhook.test` event to one endpoint, whatever it listens to, and returns its delivery, which ListDeliveries shows the end of.
   *
   * Needs the scope `webhooks:write`.
   */
  "/v1/webhooks/endpoints/{endpointId}:sendTest": {
    path: {
      /** The endpoint. It must be enabled. */
      endpointId: string;
    };
    query: {};
    body: SendTestBody;
    reply: Delivery;
  };
  /**
   * Sends a delivery again, now, with the same event id. A pending one is only pulled forward.
   *
   * Needs the scope `webhooks:write`.
   */
  "/v1/webhooks/deliveries/{deliveryId}:redeliver": {
    path: {
      /** The delivery. Its endpoint must be enabled. */
      deliveryId: string;
    };
    query: {};
    body: RedeliverBody;
    reply: Delivery;
  };
  /**
   * Queues the events of a time for an endpoint that has neither received them nor has them waiting: after an outage, or to fill a new receiver with what its endpoint's types were not set for. Events from before the endpoint was made stay out. A repeat queues nothing twice. A call looks at 1,000 events and gives a token for those that follow.
   *
   * Needs the scope `webhooks:write`.
   */
  "/v1/webhooks/endpoints/{endpointId}:recover": {
    path: {
      /** The endpoint. It must be enabled. */
      endpointId: string;
    };
    query: {};
    body: RecoverEndpointBody;
    reply: RecoverEndpointResponse;
  };
}

/** The routes of this kind, by their paths. */
export interface PatchRoutes {
  /**
   * Changes the fields that the mask names. A change of the reviewed terms (board, employers, guard, apply mode, forward target) of an active integration waits beside it as its `pendingChange` until an operator applies it; in the sandbox it holds at once. A later change adds to the one that waits, and one back to the terms in force withdraws it.
   *
   * Needs the scope `ats:sync`.
   */
  "/v1/jobs/ats/integrations/{integrationId}": {
    path: {
      /** The public id, `int_…`. */
      integrationId: string;
    };
    query: {
      /** The fields to change, for example `displayName,staleAfter`. A field that is named and not set is cleared. `*`: all that may change. Empty: the fields that are set in the request. */
      updateMask?: string;
    };
    body: AtsIntegrationBody;
    reply: AtsIntegration;
  };
  /**
   * Changes the fields that the mask names. A mask that names anything of the client's half of a mirrored job is refused whole with ATS_INGEST_REQUIRED, also where the value is the same. Under an approval policy a change of the client's half of a direct job makes it wait for an approval anew, and so does that of a posting which waits or was returned.
   *
   * Needs the scope `jobs:write`.
   */
  "/v1/jobs/{jobId}": {
    path: {
      /** The id: `job_…` of a direct job, `ats_…` of a mirrored one. */
      jobId: string;
    };
    query: {
      /** The fields to change, for example `jobContent.title,operations.geofence`. A field that is named and not set is cleared. `*`: all that the caller may write. Empty: the fields that are set in the request. */
      updateMask?: string;
    };
    body: JobBody;
    reply: Job;
  };
  /**
   * Writes the operations half of a job. For our own services: they may write each of its members.
   *
   * Needs the scope `operations:write`.
   */
  "/v1/jobs/{jobId}/operations": {
    path: {
      /** The job. */
      jobId: string;
    };
    query: {
      /** The fields to change, for example `fill,matching.state`. A field that is named and not set is cleared. `*`: all of them. Empty: the fields that are set in the request. */
      updateMask?: string;
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
      /** The revision of the job that was read. Empty: whatever it is. */
      etag?: string;
    };
    body: OperationsInput;
    reply: Job;
  };
  /**
   * Changes the URL, the description, the event types or the state of an endpoint. With a new URL or new event types, it receives what the calling key may read.
   *
   * Needs the scope `webhooks:write`.
   */
  "/v1/webhooks/endpoints/{endpointId}": {
    path: {
      /** The id, `we_` and letters and digits. Given by the server. */
      endpointId: string;
    };
    query: {
      /** The fields to change: `url`, `description`, `eventTypes`, `state`. Empty: those of the four that are set in the request. */
      updateMask?: string;
    };
    body: EndpointBody;
    reply: Endpoint;
  };
}

/** The routes of this kind, by their paths. */
export interface DeleteRoutes {
  /**
   * Deletes an endpoint. What waits for it is cancelled; its delivery log stays for as long as any.
   *
   * Needs the scope `webhooks:write`.
   */
  "/v1/webhooks/endpoints/{endpointId}": {
    path: {
      /** The endpoint. */
      endpointId: string;
    };
    query: {
      /** The revision that was read. Empty: whatever it is. */
      etag?: string;
    };
    body: undefined;
    reply: Record<string, never>;
  };
}

/** The routes of this kind, by their paths. */
export interface StreamRoutes {
  /**
   * Gives applications to the agent at the client's side, one after the other, for the integrations whose target is `agent`. Each is SENDING before it leaves the server, and is UNCERTAIN where no report comes within ten minutes.
   *
   * Needs the scope `applications:forward`.
   */
  "/v1/applications:receive": {
    path: {};
    query: {};
    body: ReceiveApplicationsRequest;
    reply: ReceivedApplication;
  };
  /**
   * Streams changes of jobs until the caller hangs up or the key ends. Begin anew with the last cursor: no change is missed between two connections.
   *
   * Needs the scope `jobs:read`.
   */
  "/v1/jobs:watch": {
    path: {};
    query: {
      /** The cursor of the last message heard. Empty: from now on. A cursor never goes stale, but of changes of one kind that a job had more than 30 days ago (a deployment may choose) only the last is heard. */
      cursor?: string;
      /** Only jobs of this employer. Empty: of all employers of the grant. */
      employerUserId?: string;
      /** True: the jobs that exist come first, each as EXISTING, and no change made meanwhile is missed. Only without a cursor. */
      includeExisting?: boolean;
    };
    body: undefined;
    reply: JobChange;
  };
  /**
   * Streams changes of the jobs of all organizations until the caller hangs up or its credential ends. Begin anew with the last cursor: no change is missed between two connections. Changes of one organization come in their order. A job that waits for its first approval isn't heard of until it is APPROVED. One that was open and waits again comes as PENDING: its state isn't OPEN and `operations.matching.active` is false.
   *
   * Needs the scope `operations:read`.
   */
  "/v1/operations/jobs:watch": {
    path: {};
    query: {
      /** `sandbox` or `production`. */
      environment: "sandbox" | "production";
      /** The cursor of the last message heard. Empty: from now on. It holds for the same filters, for any credential of a service. A cursor never goes stale, but of changes of one kind that a job had more than 30 days ago (a deployment may choose) only the last is heard. */
      cursor?: string;
      /** Only jobs of this organization. Empty: of all. */
      organizationId?: string;
      /** Only jobs of this employer. Empty: of all. */
      employerUserId?: string;
      /** True: the jobs that exist come first, each as EXISTING, and no change made meanwhile is missed. Only without a cursor. */
      includeExisting?: boolean;
    };
    body: undefined;
    reply: JobChange;
  };
  /**
   * Streams events as they happen, for a receiver without a public address. Messages come until the caller goes; reconnect with the last cursor: no event that is still kept is missed between two connections. The key hears what ListEvents shows it.
   *
   * Needs the scope `webhooks:read`.
   */
  "/v1/webhooks/events:watch": {
    path: {};
    query: {
      /** The cursor of the last message heard. Empty: from now on. */
      cursor?: string;
      /** Only events of these types. Empty: of all. */
      eventTypes?: string[];
    };
    body: undefined;
    reply: WatchedEvent;
  };
}

/** The routes of this kind, by their paths. */
export interface UploadRoutes {
  /**
   * Takes a feed of any size as one stream and makes one run of it. Every 200 records are written in a transaction of their own; the run completes with the last message only. Over REST the request is NDJSON, one message a line, and the answer the last message alone, the summary, as one JSON document; every message comes to whoever names `application/x-ndjson` in `Accept`.
   *
   * Needs the scope `ats:sync`.
   */
  "/v1/jobs/ats/feed": {
    path: {};
    query: {};
    body: SyncFeedRequest;
    reply: SyncFeedResponse;
  };
}

/** A request for access as operators see it. It is a ticket, not a credential. */
export interface AccessRequest {
  /** The public id, `tkt_…`. */
  ticketId: string;
  /** State of the request. */
  state?: AccessRequestState;
  /** The form in its current revision. */
  form?: AccessRequestForm;
  /** Counts up from 1 with each amendment. */
  revision?: number;
  /** Changes with every change, also when a proposal is made, discarded or expires. Decisions carry the etag that was reviewed. */
  etag?: string;
  /** Review of each requested environment, sandbox first. */
  reviews?: EnvironmentReview[];
  /** The operator assigned to the review; empty while there is none. */
  assignee?: string;
  /** The organization of its grants; empty before the first approval. */
  organizationId?: string;
  /** What applicant and reviewers wrote to each other, oldest first. */
  thread?: ThreadMessage[];
  /** Notes that never leave ops, oldest first. */
  internalNotes?: InternalNote[];
  /** When it was first sent. */
  submittedTime?: string;
  /** When it last changed. */
  updateTime?: string;
  /** When the request expires without another step. Absent once it is closed. */
  expireTime?: string;
  /** The public reason of the denial; empty otherwise. */
  denialReason?: string;
  /** Name of the organization; empty before the first approval. */
  organizationName?: string;
  /** What waits for whom, in sentences, with the call that does it. */
  nextSteps?: string[];
}

/** What an applicant fills in. */
export interface AccessRequestForm {
  /** The company that asks. */
  companyName?: string;
  /** The person that asks. */
  contactName?: string;
  /** Where that person is reached. */
  contactEmail?: string;
  /** What the access is for, in the applicant's words. */
  useCase?: string;
  /** Scopes by name, for example `jobs:write`. */
  requestedScopes?: string[];
  /** Calls a month, as the applicant guesses. It never caps anything. */
  monthlyVolumeEstimate?: number;
  /** Where events go: https in production. */
  callbackUrl?: string;
  /** What operators need covered when the integration fails. Production needs it. */
  failureMode?: string;
  /** Which kinds of data the integration touches, in the applicant's words. */
  dataClasses?: string[];
  /** `sandbox`, `production`. Empty means both. */
  environments?: string[];
  /** `sk`, `pk`. Empty means `sk`. */
  keyTypes?: string[];
  /** The employers that the applicant speaks for, as the applicant says. */
  employerUserIds?: string[];
  /** Where sandbox events go, if elsewhere than `callback_url`. */
  sandboxCallbackUrl?: string;
  /** An age recipient, `age1…`. Issued keys are then encrypted to it, and no operator sees them. */
  sealTo?: string;
}

/**
 * State of an access request.
 *
 * - `STATE_UNSPECIFIED`: Not a state.
 * - `SUBMITTED`: Submitted; no operator has started the review.
 * - `IN_REVIEW`: A reviewer is at it. A request with an approved sandbox stays here until production is decided.
 * - `NEEDS_INFO`: The reviewer has asked the applicant a question.
 * - `APPROVED`: All requested environments are decided, and the last one was approved.
 * - `DENIED`: Refused, with a public reason. An environment that was approved before stays approved; `reviews` says so.
 * - `WITHDRAWN`: Taken back by the applicant.
 * - `EXPIRED`: Idle for too long.
 */
export type AccessRequestState = "STATE_UNSPECIFIED" | "SUBMITTED" | "IN_REVIEW" | "NEEDS_INFO" | "APPROVED" | "DENIED" | "WITHDRAWN" | "EXPIRED";

/** Activates an integration. */
export interface ActivateIntegrationBody {
  /** `sandbox` or `production`. */
  environment: "sandbox" | "production";
  /** The etag of the integration that was looked at. Empty: whatever it is. */
  etag?: string;
  /** What the operator checked; kept in the audit log. */
  note?: string;
}

/** A new revision of an open request. Every field replaces the old one; what is left out is cleared. */
export interface AmendAccessRequestBody {
  /** The whole form anew. */
  form: SubmitAccessRequestRequest;
}

/** An answer to one question of the client. */
export interface Answer {
  /** The question, in the words that the worker saw. */
  question?: string;
  /** The answer. Empty: the worker gave none. */
  answer?: string;
}

/** An answer to one question of the client. */
export interface AnswerInput {
  /** The question, in the words that the worker saw. */
  question: string;
  /** The answer. Empty: the worker gave none. */
  answer?: string;
}

/** An application of a worker for a mirrored role, on its way to the client's ATS. It is sent once: where nobody can tell whether the client has it, it is UNCERTAIN until an operator decides. Personal data is in no reply. */
export interface Application {
  /** The public id, `app_…`; the `webhook-id` under which the target gets it. */
  applicationId: string;
  /** The mirrored role. */
  jobId?: string;
  /** The role's id in the client's ATS. */
  externalJobId?: string;
  /** The organization whose integration owns the role. */
  organizationId?: string;
  /** The employer of the role. */
  employerUserId?: string;
  /** The integration whose target gets it. */
  integrationId?: string;
  /** Where it stands. */
  state?: ApplicationState;
  /** Why. */
  cause?: ApplicationCause;
  /** The HTTP status of the target's last answer. 0: it gave none. */
  targetStatus?: number;
  /** The application's id in the client's ATS, as its side told it. Empty: it told none. */
  remoteId?: string;
  /** What an operator wrote who sent it again or settled it. Empty: nobody did. */
  note?: string;
  /** How many attempts to send it were begun. */
  attemptCount?: number;
  /** When it was taken. */
  createTime?: string;
  /** When its state changed last. */
  updateTime?: string;
  /** When it became FORWARDED, REFUSED or FAILED. Absent: it hasn't. */
  finalTime?: string;
  /** When its personal data was erased. Absent: it is still kept, encrypted. */
  eraseTime?: string;
  /** Changes with every change. */
  etag?: string;
}

/**
 * Why an application is in its state.
 *
 * - `CAUSE_UNSPECIFIED`: Nothing to say: it waits, is being sent, or was forwarded.
 * - `TARGET_REFUSED`: The target answered with a status from 400 to 499.
 * - `TARGET_REDIRECTED`: The target answered with a redirect, which isn't followed.
 * - `TARGET_FAILED`: The target answered with a status from 500 on: it may have taken it.
 * - `NO_ANSWER`: No answer came to a request that had begun.
 * - `SENDER_LOST`: The server or the agent that was sending it ended without a report.
 * - `TARGET_UNREACHABLE`: No connection to the target could be made for a day.
 * - `TARGET_INVALID`: For a day there was no valid target: the integration isn't active, has another apply mode, no target, no signing secret, or one that is not allowed.
 * - `ERASED`: Its personal data was erased before it was sent.
 * - `SETTLED`: An operator settled it; `note` says why.
 * - `REPORTED_BY_AGENT`: The agent reported it.
 */
export type ApplicationCause = "CAUSE_UNSPECIFIED" | "TARGET_REFUSED" | "TARGET_REDIRECTED" | "TARGET_FAILED" | "NO_ANSWER" | "SENDER_LOST" | "TARGET_UNREACHABLE" | "TARGET_INVALID" | "ERASED" | "SETTLED" | "REPORTED_BY_AGENT";

/** What the client learns of the worker: personal data. It is kept encrypted until it is erased, and leaves the server once, to the target. */
export interface ApplicationContent {
  /** Given name. */
  givenName?: string;
  /** Family name. Empty: the worker has one name. */
  familyName?: string;
  /** E-mail address. */
  email?: string;
  /** Phone number, as the worker writes it. Empty: none. */
  phone?: string;
  /** The resume. Absent: none. */
  resume?: Resume;
  /** Answers to the client's questions, in the order in which they were asked. */
  answers?: Answer[];
  /** What the worker agreed to. */
  consent?: Consent;
}

/** What the client learns of the worker: personal data. It is kept encrypted until it is erased, and leaves the server once, to the target. */
export interface ApplicationContentInput {
  /** Given name. */
  givenName: string;
  /** Family name. Empty: the worker has one name. */
  familyName?: string;
  /** E-mail address. */
  email: string;
  /** Phone number, as the worker writes it. Empty: none. */
  phone?: string;
  /** The resume. Absent: none. */
  resume?: ResumeInput;
  /** Answers to the client's questions, in the order in which they were asked. */
  answers?: AnswerInput[];
  /** What the worker agreed to. */
  consent: ConsentInput;
}

/** Where workers apply. */
export interface ApplicationDestination {
  /** The way to apply. */
  mode?: ApplicationDestinationMode;
  /** The page to apply on, https. Empty: none. */
  applyUrl?: string;
  /** The posting's own page, https. Empty: none. */
  canonicalUrl?: string;
  /** False where nobody can apply: the mode asks for a URL or a forward target and there is none. */
  applyable?: boolean;
}

/** Where workers apply. */
export interface ApplicationDestinationInput {
  /** The way to apply. */
  mode?: ApplicationDestinationMode;
  /** The page to apply on, https. Empty: none. */
  applyUrl?: string;
  /** The posting's own page, https. Empty: none. */
  canonicalUrl?: string;
}

/**
 * The ways to apply.
 *
 * - `MODE_UNSPECIFIED`: Not stated.
 * - `IN_APP`: With us.
 * - `ATS_REDIRECT`: On the client's page: workers are sent to `apply_url`.
 * - `APPLICATION_FORWARD`: With us, and we forward the application to the client's ATS.
 */
export type ApplicationDestinationMode = "MODE_UNSPECIFIED" | "IN_APP" | "ATS_REDIRECT" | "APPLICATION_FORWARD";

/**
 * State of an application.
 *
 * - `STATE_UNSPECIFIED`: Not a state.
 * - `RECEIVED`: It waits to be sent. Only attempts that failed before the first byte of a request are repeated.
 * - `SENDING`: It is being sent, or the client's agent has it and hasn't reported yet.
 * - `FORWARDED`: The client has it.
 * - `REFUSED`: The client's side refused it.
 * - `UNCERTAIN`: Nobody can tell whether the client has it. It is never sent again by itself; an operator sends it again or settles it.
 * - `FAILED`: It didn't reach the client, and no further attempt is made.
 */
export type ApplicationState = "STATE_UNSPECIFIED" | "RECEIVED" | "SENDING" | "FORWARDED" | "REFUSED" | "UNCERTAIN" | "FAILED";

/** Applies a pending change. */
export interface ApplyIntegrationChangeBody {
  /** `sandbox` or `production`. */
  environment: "sandbox" | "production";
  /** The etag of the integration that was looked at, so that nobody applies another change than the one shown. */
  etag: string;
  /** What the operator checked; kept in the audit log. */
  note?: string;
}

/** Whether direct jobs that one organization posts for one employer in one environment wait for an approval. A policy that was never set asks for none. */
export interface ApprovalPolicy {
  /** The organization that posts. */
  organizationId?: string;
  /** The employer that it posts for. */
  employerUserId: string;
  /** `sandbox` or `production`. */
  environment?: string;
  /** True: each new direct job, and each change of a direct job's content, waits for an approval by another key. */
  approvalRequired?: boolean;
  /** Why, in the words of the operator who set it last. Empty: never set. */
  reason?: string;
  /** The operator who set it last. Empty: never set. */
  updatedBy?: string;
  /** When it was set last. Absent: never. */
  updateTime?: string;
  /** Changes with every change. */
  etag?: string;
}

/** Approves one environment. */
export interface ApproveAccessRequestBody {
  /** `sandbox` or `production`. */
  environment: "sandbox" | "production";
  /** The etag of the revision that was reviewed. */
  etag: string;
  /** Scopes by name. Empty: all that were requested. */
  scopes?: string[];
  /** `sk`, `pk`. Empty: all that were requested. */
  keyTypes?: Array<"sk" | "pk">;
  /** The tier of the rate limit. Empty: the default one of the settings. */
  tier?: string;
  /** The employers that the grant reaches; the reviewer's finding. At least one, unless all scopes are of products that live elsewhere. */
  employerUserIds?: string[];
  /** How many keys may be issued. 0 means 2. */
  keyAllowance?: number;
  /** Callback URL of events. Empty: the request's URL for the environment. */
  callbackUrl?: string;
  /** When the grant ends. Absent: it doesn't. */
  expireTime?: string;
  /** What the applicant has to keep to; the applicant reads it. */
  conditions?: string[];
  /** How access is taken back without harm. Production needs it. */
  rollbackPlan?: string;
  /** One finding on each of the five aspects. A missing one is listed in REVIEW_INCOMPLETE. */
  findings?: ReviewFinding[];
  /** A founder's written waiver of the sandbox evidence. */
  evidenceWaiver?: string;
  /** The organization that the grant belongs to. Empty: the request's own one, and before the first approval a new one with the company's name. */
  organizationId?: string;
  /** A note that never leaves ops. */
  internalNote?: string;
  /** True answers what would happen, with all terms, and writes nothing. */
  validateOnly?: boolean;
  /** A founder's written waiver of the proof of the domain. */
  domainWaiver?: string;
}

/** What an approval did. */
export interface ApproveAccessRequestResponse {
  /** What it did. */
  outcome?: ApproveAccessRequestResponseOutcome;
  /** The grant, if one was made. In a dry run the grant that would be made, with all of its terms and without an id. */
  grant?: Grant;
  /** The request after it; in a dry run as it is. */
  accessRequest?: AccessRequest;
  /** What happens next, in sentences. */
  nextSteps?: string[];
  /** The proposal, if one was made. In a dry run the proposal that would be made, with all of its terms and without an id. */
  proposal?: Proposal;
}

/**
 * What an approval can do.
 *
 * - `OUTCOME_UNSPECIFIED`: Not an outcome.
 * - `GRANTED`: A grant exists now. Issue keys from it by hand.
 * - `PROPOSED`: A proposal exists now. Another operator has to confirm it.
 */
export type ApproveAccessRequestResponseOutcome = "OUTCOME_UNSPECIFIED" | "GRANTED" | "PROPOSED";

/** Approves a posting. */
export interface ApprovePostingBody {
  /** The revision that was read and is approved: `etag` of GetJob. Refused with ETAG_MISMATCH if the job changed meanwhile. */
  etag: string;
}

/** A client's ATS, or one board or tenant of it, and the employers it speaks for. It syncs once an operator has activated it; from then on nobody posts jobs for its employers over the API. In the sandbox it activates itself. The lease, the guard, staleness and the scope of a close are per integration. */
export interface AtsIntegration {
  /** The public id, `int_…`. */
  integrationId: string;
  /** The organization that it belongs to. */
  organizationId?: string;
  /** The provider. It never changes: for another one make another integration, sync it, and close the roles of the old one with an empty feed. */
  provider?: AtsJobLinkProvider;
  /** The board or tenant as the provider names it: `acme` of `boards.greenhouse.io/acme`, `acme` of `acme.wd5.myworkdayjobs.com`. A record that gives another one away is refused. Empty: not checked. */
  board?: string;
  /** The employers that it speaks for; all of them the grant's. */
  employerUserIds?: string[];
  /** A name for people. */
  displayName?: string;
  /** State of the integration. */
  state?: AtsIntegrationState;
  /** How workers apply: ATS_REDIRECT or APPLICATION_FORWARD. Unspecified: ATS_REDIRECT. */
  applyMode?: ApplicationDestinationMode;
  /** What takes forwarded applications, for example the name of an adapter. Needed for APPLICATION_FORWARD: without it no role can be applied to. */
  forwardTarget?: string;
  /** After how long without a completed run it counts as stale. Absent: a day. */
  staleAfter?: string;
  /** When a close is held back. */
  guard?: MassCloseGuard;
  /** For CUSTOM and for Workday reports: the normalized member to the path of the record's, for example `externalJobId` to `job.ref`. */
  fieldMap?: { [member: string]: string };
  /** The client's own status texts to OPEN, CLOSED, UNLISTED or DRAFT. A text in neither this map nor the built-in one keeps the status that is known. */
  statusMap?: { [member: string]: string };
  /** For Workday alone: which of its ids names a role. A change makes other mirrors of the same postings. */
  workdayIdentity?: AtsIntegrationWorkdayIdentity;
  /** When it was made. */
  createTime?: string;
  /** When it changed last. */
  updateTime?: string;
  /** When an operator activated it last. Absent: never. */
  activateTime?: string;
  /** Changes with every change. Sent with an update, it makes the update fail with ETAG_MISMATCH if the integration changed meanwhile. */
  etag?: string;
  /** A change of the reviewed terms that waits for an operator. Until it is applied the integration syncs under the terms above. Absent: none waits, or it names an employer that isn't on your grant. */
  pendingChange?: PendingChange;
}

/** A client's ATS, or one board or tenant of it, and the employers it speaks for. It syncs once an operator has activated it; from then on nobody posts jobs for its employers over the API. In the sandbox it activates itself. The lease, the guard, staleness and the scope of a close are per integration. */
export interface AtsIntegrationBody {
  /** The provider. It never changes: for another one make another integration, sync it, and close the roles of the old one with an empty feed. */
  provider: AtsJobLinkProvider;
  /** The board or tenant as the provider names it: `acme` of `boards.greenhouse.io/acme`, `acme` of `acme.wd5.myworkdayjobs.com`. A record that gives another one away is refused. Empty: not checked. */
  board?: string;
  /** The employers that it speaks for; all of them the grant's. */
  employerUserIds: string[];
  /** A name for people. */
  displayName?: string;
  /** How workers apply: ATS_REDIRECT or APPLICATION_FORWARD. Unspecified: ATS_REDIRECT. */
  applyMode?: "MODE_UNSPECIFIED" | "ATS_REDIRECT" | "APPLICATION_FORWARD";
  /** What takes forwarded applications, for example the name of an adapter. Needed for APPLICATION_FORWARD: without it no role can be applied to. */
  forwardTarget?: string;
  /** After how long without a completed run it counts as stale. Absent: a day. */
  staleAfter?: string;
  /** When a close is held back. */
  guard?: MassCloseGuardInput;
  /** For CUSTOM and for Workday reports: the normalized member to the path of the record's, for example `externalJobId` to `job.ref`. */
  fieldMap?: { [member: string]: string };
  /** The client's own status texts to OPEN, CLOSED, UNLISTED or DRAFT. A text in neither this map nor the built-in one keeps the status that is known. */
  statusMap?: { [member: string]: "OPEN" | "CLOSED" | "UNLISTED" | "DRAFT" };
  /** For Workday alone: which of its ids names a role. A change makes other mirrors of the same postings. */
  workdayIdentity?: AtsIntegrationWorkdayIdentity;
  /** Changes with every change. Sent with an update, it makes the update fail with ETAG_MISMATCH if the integration changed meanwhile. */
  etag?: string;
}

/** A client's ATS, or one board or tenant of it, and the employers it speaks for. It syncs once an operator has activated it; from then on nobody posts jobs for its employers over the API. In the sandbox it activates itself. The lease, the guard, staleness and the scope of a close are per integration. */
export interface AtsIntegrationInput {
  /** The public id, `int_…`. */
  integrationId?: string;
  /** The provider. It never changes: for another one make another integration, sync it, and close the roles of the old one with an empty feed. */
  provider: AtsJobLinkProvider;
  /** The board or tenant as the provider names it: `acme` of `boards.greenhouse.io/acme`, `acme` of `acme.wd5.myworkdayjobs.com`. A record that gives another one away is refused. Empty: not checked. */
  board?: string;
  /** The employers that it speaks for; all of them the grant's. */
  employerUserIds: string[];
  /** A name for people. */
  displayName?: string;
  /** How workers apply: ATS_REDIRECT or APPLICATION_FORWARD. Unspecified: ATS_REDIRECT. */
  applyMode?: "MODE_UNSPECIFIED" | "ATS_REDIRECT" | "APPLICATION_FORWARD";
  /** What takes forwarded applications, for example the name of an adapter. Needed for APPLICATION_FORWARD: without it no role can be applied to. */
  forwardTarget?: string;
  /** After how long without a completed run it counts as stale. Absent: a day. */
  staleAfter?: string;
  /** When a close is held back. */
  guard?: MassCloseGuardInput;
  /** For CUSTOM and for Workday reports: the normalized member to the path of the record's, for example `externalJobId` to `job.ref`. */
  fieldMap?: { [member: string]: string };
  /** The client's own status texts to OPEN, CLOSED, UNLISTED or DRAFT. A text in neither this map nor the built-in one keeps the status that is known. */
  statusMap?: { [member: string]: "OPEN" | "CLOSED" | "UNLISTED" | "DRAFT" };
  /** For Workday alone: which of its ids names a role. A change makes other mirrors of the same postings. */
  workdayIdentity?: AtsIntegrationWorkdayIdentity;
  /** Changes with every change. Sent with an update, it makes the update fail with ETAG_MISMATCH if the integration changed meanwhile. */
  etag?: string;
}

/**
 * State of an integration.
 *
 * - `STATE_UNSPECIFIED`: Not a state.
 * - `PENDING`: It waits for an operator; only dry runs are taken.
 * - `ACTIVE`: It syncs.
 * - `INACTIVE`: An operator stopped it, and said what became of its open mirrors. Only an operator activates it again.
 */
export type AtsIntegrationState = "STATE_UNSPECIFIED" | "PENDING" | "ACTIVE" | "INACTIVE";

/**
 * Which of Workday's two ids names a role.
 *
 * - `WORKDAY_IDENTITY_UNSPECIFIED`: Not stated: the requisition's.
 * - `REQUISITION`: The requisition's: several postings of one requisition are one role.
 * - `POSTING`: The posting's: each posting is a role of its own.
 */
export type AtsIntegrationWorkdayIdentity = "WORKDAY_IDENTITY_UNSPECIFIED" | "REQUISITION" | "POSTING";

/** The tie between a mirrored job and the record that it mirrors. Identity is the organization, the provider and the external id, and nothing else. */
export interface AtsJobLink {
  /** The provider. */
  provider?: AtsJobLinkProvider;
  /** The provider's id of the record. */
  externalJobId?: string;
  /** The integration that owns the mirror. */
  integrationId?: string;
  /** SHA-256 of the provider's record in its canonical form, without personal and volatile members, in lower-case hex. */
  rawHash?: string;
  /** SHA-256 of the normalized record, in lower-case hex. It decides whether a record counts as unchanged. */
  contentHash?: string;
  /** The provider's own time of the last change. Absent: the provider gives none. */
  providerUpdateTime?: string;
  /** When a sync brought the record first. */
  firstSeenTime?: string;
  /** When a sync brought the record last. It doesn't move the job's etag. */
  lastSeenTime?: string;
  /** The run that brought it last. */
  lastSyncRunId?: string;
}

/**
 * Applicant tracking systems.
 *
 * - `PROVIDER_UNSPECIFIED`: Not stated.
 * - `WORKDAY`: Workday: its public list and detail, its REST postings, a report.
 * - `GREENHOUSE`: Greenhouse: its job board and Harvest.
 * - `LEVER`: Lever: its postings.
 * - `ASHBY`: Ashby: its public and its partner feed.
 * - `ICIMS`: iCIMS: Attract, profiles, portal pages.
 * - `CUSTOM`: A feed of the client's own: normalized records, schema.org JobPosting, or any form with a field map.
 */
export type AtsJobLinkProvider = "PROVIDER_UNSPECIFIED" | "WORKDAY" | "GREENHOUSE" | "LEVER" | "ASHBY" | "ICIMS" | "CUSTOM";

/** One thing that a sync did to one role, or found about it. A record that says what is known leaves no event. */
export interface AtsJobSyncEvent {
  /** The id, `sev_…`. Events are listed newest first. */
  eventId: string;
  /** What happened. */
  type?: AtsJobSyncEventType;
  /** The mirror. */
  jobId?: string;
  /** The provider's id. */
  externalJobId?: string;
  /** The employer. */
  employerUserId?: string;
  /** The integration. */
  integrationId?: string;
  /** The provider. */
  provider?: AtsJobLinkProvider;
  /** The run. */
  syncRunId?: string;
  /** The raw hash before. Empty: there was none. */
  rawHashBefore?: string;
  /** The raw hash after. The same as before where the record wasn't read. */
  rawHashAfter?: string;
  /** The state before. Unspecified: there was none. */
  stateBefore?: PublicationStatusState;
  /** The state after. */
  stateAfter?: PublicationStatusState;
  /** The fields that changed, in JSON spelling, in alphabetical order. */
  changedFields?: string[];
  /** Why the role was closed. Unspecified unless it was. */
  closeReason?: PublicationStatusCloseReason;
  /** The policy that the run held closes to: `closeMissing` and the guard's two figures, for example `closeMissing; guard 10 roles and 20 %`. Empty: the run wasn't asked to close. */
  closePolicy?: string;
  /** The request that did it. */
  requestId?: string;
  /** When it happened. */
  eventTime?: string;
  /** The organization that the role belongs to. */
  organizationId?: string;
  /** The caller's own `X-Request-Id` of that request. Empty: it sent none. */
  clientRequestId?: string;
}

/**
 * What happened.
 *
 * - `TYPE_UNSPECIFIED`: Not stated.
 * - `CREATED`: The role was mirrored first.
 * - `UPDATED`: The client changed it.
 * - `REOPENED`: It came back after it had been closed.
 * - `CLOSED`: It was closed, by its own status or by absence.
 * - `MISSING_FROM_ATS`: A complete run no longer held it, whether it was then closed or the guard held the close back.
 */
export type AtsJobSyncEventType = "TYPE_UNSPECIFIED" | "CREATED" | "UPDATED" | "REOPENED" | "CLOSED" | "MISSING_FROM_ATS";

/** Who came. */
export interface Attendance {
  /** Workers expected. */
  expected?: number;
  /** Workers that checked in. */
  checkedIn?: number;
  /** Workers who were expected and didn't check in. */
  noShows?: number;
}

/** One thing that happened. Events are never changed and never deleted. */
export interface AuditEvent {
  /** The chain: the database (`control`, `sandbox` or `production`) and the organization, `sandbox/org_…`, or `-` for what concerns none: `control/-`. */
  chain?: string;
  /** The position in its chain, from 1 without gaps. */
  sequence?: string;
  /** When. */
  eventTime?: string;
  /** Who: `operator:NAME`, `key:ID`, `applicant:TICKET`, `peer` or `system`. To an organization an operator is just `operator`. */
  actor?: string;
  /** What, for example `key.issued`. */
  action?: string;
  /** On what: ids. */
  targets?: string[];
  /** The object before, without secrets. Absent: it didn't exist, or wasn't changed. */
  before?: { [member: string]: unknown };
  /** The object after, without secrets. */
  after?: { [member: string]: unknown };
  /** Why: the reason that was given, or why it was refused. */
  reason?: string;
  /** The request that did it. */
  requestId?: string;
  /** The address that it came from. */
  peer?: string;
  /** `sandbox` or `production`; empty where neither is concerned. */
  environment?: string;
  /** The tenant concerned, if any. */
  organizationId?: string;
  /** Whether it was done or refused. */
  outcome?: AuditEventOutcome;
  /** SHA-256 of the event and the hash before it, in hex. */
  hash?: string;
  /** The hash of the event before it in its chain. */
  previousHash?: string;
  /** The caller's own `X-Request-Id`. Empty: it sent none. */
  clientRequestId?: string;
}

/**
 * Whether the thing happened.
 *
 * - `OUTCOME_UNSPECIFIED`: Not an outcome.
 * - `DONE`: It was done.
 * - `REFUSED`: It was refused; `reason` has the cause.
 */
export type AuditEventOutcome = "OUTCOME_UNSPECIFIED" | "DONE" | "REFUSED";

/** One line of an export. */
export interface AuditExportLine {
  /** A JSON object in the form of RFC 8785. Its bytes must not change: hashes are taken over them. */
  text?: string;
}

/** Whether offers go out by themselves. */
export interface AutoOffer {
  /** True: an offer goes to each match without a person's click. */
  enabled?: boolean;
  /** How many offers may wait for an answer at once. 0: as many as slots are open. */
  maxOpenOffers?: number;
  /** After how many minutes an offer lapses. 0: 1,440, a day. */
  offerMinutes?: number;
}

/** Whether offers go out by themselves. */
export interface AutoOfferInput {
  /** True: an offer goes to each match without a person's click. */
  enabled?: boolean;
  /** How many offers may wait for an answer at once. 0: as many as slots are open. */
  maxOpenOffers?: number;
  /** After how many minutes an offer lapses. 0: 1,440, a day. */
  offerMinutes?: number;
}

/** What is known of a callback address. */
export interface CallbackCheck {
  /** The address. */
  url?: string;
  /** True where nothing below is worrying. */
  ok?: boolean;
  /** What the host resolved to when the dossier was read. */
  addresses?: string[];
  /** What was found, in sentences. */
  findings?: string[];
  /** What the probe saw: the HTTP status, 0 if it wasn't probed or didn't answer. */
  probeStatus?: number;
}

/** Closes a direct job. */
export interface CloseJobBody {
  /** Why, in the caller's words; shown as `closeNote`. */
  reason?: string;
  /** The revision that was read. Empty: whatever it is. */
  etag?: string;
}

/** What is left to do once a job has ended: attendance and payroll, as our services wrote them. A job has ended when it is closed, or when it was offered and its end has passed. */
export interface Closeout {
  /** The job. */
  jobId: string;
  /** The title: plain text. */
  title?: string;
  /** How far it is. */
  state?: CloseoutState;
  /** When the job ended: when it was closed or when its end passed, whichever came first. */
  endTime?: string;
  /** How many slots were taken. */
  slotsFilled?: number;
  /** Who came. */
  attendance?: Attendance;
  /** What went to payroll. */
  payrollHandoff?: PayrollHandoff;
}

/**
 * How far a closeout is.
 *
 * - `STATE_UNSPECIFIED`: Not stated.
 * - `DUE`: Work was done or planned, and either some of the expected workers neither checked in nor count as no-shows, or the hours aren't handed over.
 * - `SETTLED`: The hours are handed over and every expected worker is accounted for, or nobody was hired.
 */
export type CloseoutState = "STATE_UNSPECIFIED" | "DUE" | "SETTLED";

/** Confirms a mass close. */
export interface ConfirmCloseBody {
  /** How many roles to close: exactly the count that the run holds back. */
  closeCount: number;
}

/** Confirms that fields are really gone. */
export interface ConfirmDriftBody {
  /** The fields to clear, each of them held by the run: `locations`, `pay`, `department`, `description`, `applyUrl`, `employmentType`, `workplaceType`. Held fields that aren't named stay as they are. */
  fields: Array<"locations" | "pay" | "department" | "description" | "applyUrl" | "employmentType" | "workplaceType">;
}

/** Confirms a proposal. It carries no terms: they are the proposal's. */
export interface ConfirmProposalBody {
  /** The etag of the proposal that was shown. */
  etag: string;
  /** A note that never leaves ops. */
  internalNote?: string;
  /** True answers what would happen, with all terms, and writes nothing. */
  validateOnly?: boolean;
}

/** What a confirmation did. */
export interface ConfirmProposalResponse {
  /** The proposal after it, with all of its terms. */
  proposal?: Proposal;
  /** The grant that it made. In a dry run the grant that it would make, without an id. */
  grant?: Grant;
  /** The request after it. */
  accessRequest?: AccessRequest;
  /** What happens next, in sentences. */
  nextSteps?: string[];
}

/** What the worker agreed to, and when. */
export interface Consent {
  /** The words that the worker agreed to. */
  text?: string;
  /** When the worker agreed; not in the future. */
  consentTime?: string;
}

/** What the worker agreed to, and when. */
export interface ConsentInput {
  /** The words that the worker agreed to. */
  text: string;
  /** When the worker agreed; not in the future. */
  consentTime: string;
}

/** A new endpoint. */
export interface CreateEndpointRequest {
  /** Where to post events. See Endpoint. */
  url: string;
  /** A note for people. */
  description?: string;
  /** The event types to send. Empty: all that the key may read. */
  eventTypes?: string[];
}

/** Stops an integration. */
export interface DeactivateIntegrationBody {
  /** `sandbox` or `production`. */
  environment: "sandbox" | "production";
  /** What becomes of its open roles. */
  mirrors: "KEEP" | "CLOSE";
  /** Why; kept in the audit log. */
  reason: string;
}

/**
 * What becomes of the open roles.
 *
 * - `MIRRORS_UNSPECIFIED`: Not stated, which is refused.
 * - `KEEP`: They stay open, and nobody changes them until the integration syncs again or they are closed.
 * - `CLOSE`: They are closed with the reason ATS_INTEGRATION_DEACTIVATED. A later sync of the integration can reopen them.
 */
export type DeactivateIntegrationRequestMirrors = "MIRRORS_UNSPECIFIED" | "KEEP" | "CLOSE";

/** One event on its way to one endpoint. It is sent at least once, and again with growing pauses until the receiver answers 2xx or about three days have passed. A crash of the receiver or of the server can repeat an attempt: the event's id identifies the repeat. */
export interface Delivery {
  /** The id, `wd_` and letters and digits. */
  deliveryId: string;
  /** The endpoint. */
  endpointId?: string;
  /** The event; the same at all endpoints, and equal to the header `webhook-id`. */
  eventId?: string;
  /** The name of the event type. */
  eventType?: string;
  /** How far the delivery is. */
  state?: DeliveryState;
  /** Number of attempts, redeliveries included. */
  attemptCount?: number;
  /** The last tries, oldest first, 20 at most. What the receiver said beyond its status isn't kept. */
  attempts?: DeliveryAttempt[];
  /** When the next attempt is due. Absent unless the delivery is pending. */
  nextAttemptTime?: string;
  /** When the event happened. */
  eventTime?: string;
  /** When the delivery was made. */
  createTime?: string;
  /** When the delivery succeeded, failed or was cancelled. Absent while it is pending. */
  endTime?: string;
  /** The organization that the endpoint belongs to. */
  organizationId?: string;
}

/** One attempt. */
export interface DeliveryAttempt {
  /** The number of the attempt, from 1. */
  number?: number;
  /** When the attempt began. */
  startTime?: string;
  /** How long it took. */
  duration?: string;
  /** How it ended. */
  outcome?: DeliveryAttemptOutcome;
  /** The HTTP status of the reply. 0: there was none. */
  statusCode?: number;
}

/**
 * Outcome of an attempt.
 *
 * - `OUTCOME_UNSPECIFIED`: Not stated.
 * - `ACCEPTED`: The receiver answered 2xx.
 * - `REFUSED`: The receiver answered something else, which is in `status_code`.
 * - `REDIRECTED`: The receiver answered with a redirect; redirects aren't followed.
 * - `TIMED_OUT`: The receiver didn't answer within 15 seconds.
 * - `NAME_UNRESOLVED`: The host's name didn't resolve.
 * - `ADDRESS_FORBIDDEN`: The host's name resolved to an address that is never called.
 * - `CONNECTION_FAILED`: No connection, or it broke before the reply.
 * - `TLS_FAILED`: The receiver's certificate isn't valid for the host, or there was no agreement on TLS.
 * - `PROTOCOL_ERROR`: The reply wasn't HTTP.
 */
export type DeliveryAttemptOutcome = "OUTCOME_UNSPECIFIED" | "ACCEPTED" | "REFUSED" | "REDIRECTED" | "TIMED_OUT" | "NAME_UNRESOLVED" | "ADDRESS_FORBIDDEN" | "CONNECTION_FAILED" | "TLS_FAILED" | "PROTOCOL_ERROR";

/**
 * State of a delivery.
 *
 * - `STATE_UNSPECIFIED`: Not stated.
 * - `PENDING`: It waits for its next attempt.
 * - `SUCCEEDED`: The receiver answered 2xx.
 * - `FAILED`: The last attempt failed, and no other follows unless it is redelivered.
 * - `CANCELLED`: The endpoint was disabled, or lost the right to receive the event, before it was sent.
 */
export type DeliveryState = "STATE_UNSPECIFIED" | "PENDING" | "SUCCEEDED" | "FAILED" | "CANCELLED";

/** Refuses a request. */
export interface DenyAccessRequestBody {
  /** The etag of the revision that was reviewed. */
  etag: string;
  /** What the applicant reads. */
  publicReason: string;
  /** Only this environment. Empty: every one that isn't decided. */
  environment?: "sandbox" | "production";
  /** A note that never leaves ops. */
  internalNote?: string;
}

/** Disables an endpoint. */
export interface DisableEndpointBody {
  /** `sandbox` or `production`. */
  environment: "sandbox" | "production";
  /** Why; shown to the organization as `disableNote`. */
  reason: string;
}

/** Discards a pending change. */
export interface DiscardIntegrationChangeBody {
  /** `sandbox` or `production`. */
  environment: "sandbox" | "production";
  /** The etag of the integration that was looked at, so that nobody discards another change than the one shown. */
  etag: string;
  /** Why; kept in the audit log. */
  reason: string;
}

/** Discards a proposal. */
export interface DiscardProposalBody {
  /** The etag of the proposal that was shown. */
  etag: string;
  /** Why, for the other operators and the audit log. Never leaves ops. */
  reason?: string;
}

/** What workers must have on file. */
export interface Documents {
  /** The kinds of documents, for example `i9` or `forklift_license`. */
  required?: string[];
}

/** What workers must have on file. */
export interface DocumentsInput {
  /** The kinds of documents, for example `i9` or `forklift_license`. */
  required?: string[];
}

/** What a reviewer needs to decide. Made anew at each reading. */
export interface Dossier {
  /** The request itself. */
  accessRequest?: AccessRequest;
  /** Since when the request waits. */
  age?: string;
  /** The kinds of data that the applicant named. */
  dataClasses?: string[];
  /** What speaks for the applicant's authority over the employers. */
  employerAuthority?: EmployerAuthority;
  /** Each requested scope, compared with the catalogue. */
  scopes?: ScopeReview[];
  /** Checks of the callback URL. */
  callback?: CallbackCheck;
  /** The sandbox callback, if another one was given. */
  sandboxCallback?: CallbackCheck;
  /** The domain of the contact's address. */
  emailDomain?: string;
  /** True for a provider of free mailboxes, which identifies no company. */
  freeMail?: boolean;
  /** The guessed volume against the tiers. */
  volume?: VolumeReview;
  /** Earlier requests from the same mail domain, newest first. */
  earlierRequests?: EarlierRequest[];
  /** Organizations with a similar name or the same domain; a suggestion only. */
  organizations?: OrganizationSuggestion[];
  /** What the last amendment changed, field by field. */
  changes?: FieldChange[];
  /** What the organization's own sandbox traffic shows. */
  readiness?: SandboxReadiness;
  /** What production still lacks, in sentences. Empty: nothing. */
  missingForProduction?: string[];
  /** What of the request is proven to be the applicant's, the domain first. */
  proofs?: OwnershipProof[];
  /** The newest simulation of a grant of the organization. Absent: none. */
  lastSimulation?: GrantSimulation;
  /** Every drill of the sandbox, passed by the organization or not, in the order of a rehearsal. */
  drills?: Drill[];
}

/** One field that too many roles lost at once. */
export interface DriftedField {
  /** The field: `locations`, `pay`, `department`, `description`, `applyUrl`, `employmentType` or `workplaceType`. */
  field?: string;
  /** How many roles of the run had the field before and lost it. */
  lostCount?: number;
  /** How many roles of the run had the field before. */
  hadCount?: number;
  /** The first ten of the roles that lost it. Of a dry run none. */
  examples?: DriftedRole[];
  /** True once ConfirmDrift cleared it. */
  confirmed?: boolean;
}

/** A role that lost a field. */
export interface DriftedRole {
  /** The mirror. */
  jobId?: string;
  /** The provider's id. */
  externalJobId?: string;
  /** Its title. */
  title?: string;
}

/** One drill. It counts as passed by what the server saw in its own records, never by what a client says. */
export interface Drill {
  /** What is rehearsed. */
  kind?: DrillKind;
  /** When the server last recorded it. Absent: never passed. */
  passTime?: string;
  /** What the server saw, in the order of events. */
  facts?: DrillFact[];
  /** The key that asked for the record. */
  keyId?: string;
  /** What the server has to see for it, in a sentence. */
  wants?: string;
}

/** One thing that the server saw. */
export interface DrillFact {
  /** What it is, `request`. */
  name?: string;
  /** An id, a count or a word. */
  value?: string;
}

/**
 * What is rehearsed.
 *
 * - `KIND_UNSPECIFIED`: Not a drill.
 * - `REPLAY`: A write is sent again under its idempotency key, and replayed.
 * - `TIME_OUT`: A client gives a write up, and sends it again under the same idempotency key.
 * - `HALF_FEED`: A run ends with fewer roles than announced, closes nothing, and a whole run follows.
 * - `HELD_CLOSE`: A close is held back by the guard, and settled: confirmed, or outdated by a whole run.
 * - `ROTATION`: A key is rotated, and its successor is used.
 * - `ROLLBACK`: A key is rolled back, and the jobs that it posted are held.
 * - `RECOVERY`: A refused write is sent again under its idempotency key, and succeeds.
 */
export type DrillKind = "KIND_UNSPECIFIED" | "REPLAY" | "TIME_OUT" | "HALF_FEED" | "HELD_CLOSE" | "ROTATION" | "ROLLBACK" | "RECOVERY";

/** An earlier request from the same mail domain. */
export interface EarlierRequest {
  /** The ticket. */
  ticketId?: string;
  /** The applicant's company. */
  companyName?: string;
  /** State of the request. */
  state?: AccessRequestState;
  /** When it was sent. */
  submittedTime?: string;
}

/** An employer at one moment, in the environment of the key. */
export interface Employer {
  /** The employer; one of the grant's. */
  employerUserId: string;
  /** Jobs that are open and not held back. */
  openJobs?: number;
  /** True where a policy asks for an approval of each new direct job. */
  approvalRequired?: boolean;
  /** Postings that wait for an approval: the jobs in state PENDING_APPROVAL. */
  pendingJobs?: number;
  /** Postings that were returned and wait to be amended. */
  returnedJobs?: number;
  /** Ended jobs whose closeout is DUE. */
  dueCloseouts?: number;
  /** The integrations that speak for the employer. Empty: its jobs are posted over the API. */
  integrations?: EmployerIntegration[];
}

/** What speaks for the applicant's authority over the employers. */
export interface EmployerAuthority {
  /** The employers as the applicant named them. */
  claimedEmployerUserIds?: string[];
  /** Those that another organization's grants hold already. */
  heldByOthers?: string[];
  /** Those that this organization's grants hold already. */
  heldAlready?: string[];
}

/** An integration that speaks for an employer. */
export interface EmployerIntegration {
  /** The integration. */
  integrationId: string;
  /** The client's ATS. */
  provider?: AtsJobLinkProvider;
  /** Whether it syncs. Only an ACTIVE one owns the employer's postings. */
  state?: AtsIntegrationState;
  /** True where no run completed within the integration's staleness limit. */
  stale?: boolean;
  /** Since when it is stale. Absent: it isn't. */
  staleSinceTime?: string;
  /** When the last run completed. Absent: none has. */
  lastCompletedTime?: string;
}

/** A job as its employer's list shows it. How the work is run and where the job comes from belong to GetJob, which asks for `jobs:read`. */
export interface EmployerJob {
  /** The job. */
  jobId: string;
  /** The title: plain text. */
  title?: string;
  /** Whether the job is offered. */
  state?: PublicationStatusState;
  /** How many workers are wanted. 0: not stated. */
  slots?: number;
  /** When the work begins. Absent: not stated. */
  startsAt?: string;
  /** When the work ends. Absent: not stated, or open-ended. */
  endsAt?: string;
  /** How many slots are taken. */
  fill?: Fill;
  /** When the job was posted, or mirrored first. */
  createTime?: string;
  /** When anything of it changed last. */
  updateTime?: string;
  /** Since when the posting waits for an approval. Absent unless it does. */
  submitTime?: string;
  /** When it was closed last. Absent while it isn't. */
  closeTime?: string;
}

/** Enables an endpoint. */
export interface EnableEndpointBody {
  /** `sandbox` or `production`. */
  environment: "sandbox" | "production";
  /** Why; kept in the audit log. */
  reason?: string;
}

/**
 * A URL of the integrator's that receives the events of one environment. It belongs to the organization and to the environment of the key that made it: events of the sandbox never reach an endpoint of production.
 *
 * An endpoint receives what the key that last set its URL or its event types may read: events of the employers of its grant, and of the scopes of the key. A grant that is narrowed, revoked or expired narrows its endpoints with it.
 */
export interface Endpoint {
  /** The id, `we_` and letters and digits. Given by the server. */
  endpointId: string;
  /** Where events are posted: https (in the sandbox http as well), on the usual port or from 1024 up, on a public address, without user information and without a fragment. The address is checked when it is given and again on each connection. */
  url?: string;
  /** A note for people. */
  description?: string;
  /** The event types to send, by name, for example `job.created`. Empty: all that the endpoint may receive, later types included. */
  eventTypes?: string[];
  /** Whether events are sent. ENABLED when the endpoint is made; enabling one again begins with the events from then on. */
  state?: EndpointState;
  /** Why the endpoint is disabled. */
  disableReason?: EndpointDisableReason;
  /** When the endpoint was disabled. Absent while it is enabled. */
  disableTime?: string;
  /** The grant whose callback URL made the endpoint. Empty: a call of CreateEndpoint made it. */
  grantId?: string;
  /** The secret, `whsec_` and base64, to verify signatures with. Only in the replies of CreateEndpoint and RotateSecret; it can't be read again. For an endpoint that a grant made, the holder of the ticket's status token derives it: HMAC-SHA-256 under the token of `xaigh.callback-secret.v1`, and under that one of the environment's name (`ticket` for events of the ticket). */
  secret?: string;
  /** Until when the secret before this one signs as well. Absent: it doesn't. */
  previousSecretExpireTime?: string;
  /** When a receiver last answered 2xx. Absent: never. */
  lastSuccessTime?: string;
  /** When an attempt last failed. Absent: never. */
  lastFailureTime?: string;
  /** Number of failed attempts since the last success. */
  failureCount?: number;
  /** When the endpoint was made. */
  createTime?: string;
  /** When the endpoint was last changed by a call or disabled by the service. */
  updateTime?: string;
  /** The revision. Sent with UpdateEndpoint, the call is refused if the endpoint changed since. */
  etag?: string;
  /** The public id of the key that made the endpoint, or that last set its URL. Empty: the callback of a grant. */
  keyId?: string;
  /** The operator's words on why the endpoint is disabled. Empty unless an operator disabled it. */
  disableNote?: string;
  /** The operator who disabled the endpoint. Shown to operators alone. */
  disabledBy?: string;
  /** The organization that the endpoint belongs to. */
  organizationId?: string;
}

/**
 * A URL of the integrator's that receives the events of one environment. It belongs to the organization and to the environment of the key that made it: events of the sandbox never reach an endpoint of production.
 *
 * An endpoint receives what the key that last set its URL or its event types may read: events of the employers of its grant, and of the scopes of the key. A grant that is narrowed, revoked or expired narrows its endpoints with it.
 */
export interface EndpointBody {
  /** Where events are posted: https (in the sandbox http as well), on the usual port or from 1024 up, on a public address, without user information and without a fragment. The address is checked when it is given and again on each connection. */
  url?: string;
  /** A note for people. */
  description?: string;
  /** The event types to send, by name, for example `job.created`. Empty: all that the endpoint may receive, later types included. */
  eventTypes?: string[];
  /** Whether events are sent. ENABLED when the endpoint is made; enabling one again begins with the events from then on. */
  state?: EndpointState;
  /** The revision. Sent with UpdateEndpoint, the call is refused if the endpoint changed since. */
  etag?: string;
}

/**
 * Why an endpoint is disabled.
 *
 * - `DISABLE_REASON_UNSPECIFIED`: It is enabled.
 * - `REQUESTED`: A call of UpdateEndpoint.
 * - `GONE`: The receiver answered 410 Gone.
 * - `FAILING`: All attempts of three days failed.
 * - `KEY_LEAKED`: The key that made it was revoked as leaked: whoever has the key may hear what arrives there. Check the URL before you enable it again.
 * - `OPERATOR`: An operator disabled it. Only an operator enables it again.
 */
export type EndpointDisableReason = "DISABLE_REASON_UNSPECIFIED" | "REQUESTED" | "GONE" | "FAILING" | "KEY_LEAKED" | "OPERATOR";

/**
 * Whether events are sent.
 *
 * - `STATE_UNSPECIFIED`: Not stated.
 * - `ENABLED`: Events are sent.
 * - `DISABLED`: Nothing is sent, and nothing is kept for later. What waited when the endpoint was disabled is cancelled, and can be redelivered once it is enabled.
 */
export type EndpointState = "STATE_UNSPECIFIED" | "ENABLED" | "DISABLED";

/** Review of one environment of a request. */
export interface EnvironmentReview {
  /** `sandbox` or `production`. */
  environment?: string;
  /** State of the review. */
  decision?: EnvironmentReviewDecision;
  /** The grant that the approval made. */
  grantId?: string;
  /** The operator that proposed or decided. */
  decidedBy?: string;
  /** When it was proposed or decided. */
  decidedTime?: string;
  /** The open proposal, with all of its terms. Absent where none is open. */
  proposal?: Proposal;
}

/**
 * Decision on one environment.
 *
 * - `DECISION_UNSPECIFIED`: Not a decision.
 * - `PENDING`: Not decided.
 * - `PROPOSED`: One operator proposed to approve it; another one has to confirm that.
 * - `APPROVED`: Approved: a grant exists.
 * - `DENIED`: Refused.
 */
export type EnvironmentReviewDecision = "DECISION_UNSPECIFIED" | "PENDING" | "PROPOSED" | "APPROVED" | "DENIED";

/** Review of one environment, for the applicant. */
export interface EnvironmentStatus {
  /** `sandbox` or `production`. */
  environment?: string;
  /** PENDING, APPROVED or DENIED: a proposal shows as PENDING. */
  decision?: EnvironmentReviewDecision;
  /** What the applicant has to keep to. */
  conditions?: string[];
  /** Keys that wait, encrypted to the ticket's recipient. */
  sealedKeyIds?: string[];
}

/** Erases the personal data of an application. */
export interface EraseApplicationBody {
  /** `sandbox` or `production`. */
  environment: "sandbox" | "production";
  /** Why; kept in the audit log. No personal data. */
  reason: string;
}

/** The body of a webhook, as JSON. Thin on purpose: it says what happened to which object, and the object itself is read over the API. The headers `webhook-id`, `webhook-timestamp` and `webhook-signature` are those of Standard Webhooks 1.0. */
export interface Event {
  /** The event's id, equal to the header `webhook-id`. The same on every try and at every endpoint: receivers drop what they have seen. */
  id?: string;
  /** The name of the event type, for example `job.created`. */
  type?: string;
  /** When the event happened. Not when it was sent: that is the header `webhook-timestamp`, which is fresh on every try. */
  timestamp?: string;
  /** `sandbox` or `production`. Empty for a ticket that has no environment yet. */
  environment?: string;
  /** The organization that the event belongs to. Empty for a ticket that has no organization yet. */
  organizationId?: string;
  /** The facts: the JSON form of the message that the event type names. */
  data?: { [member: string]: unknown };
}

/** A page of an export. */
export interface ExportOwnAuditEventsResponse {
  /** The lines, in order. Those of all pages together are the export. */
  lines?: AuditExportLine[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** What became of a batch of a feed. */
export interface FeedBatch {
  /** Its place in the run, from 0. */
  batchIndex?: number;
  /** How many records of the feed have been answered. */
  recordTotal?: number;
  /** Its outcomes, counted. */
  counts?: SyncCounts;
  /** True where it came before and was answered as it was then. */
  replayed?: boolean;
}

/** The end of a feed. */
export interface FeedComplete {
  /** How many distinct ids the feed holds. */
  expectedTotal?: number;
}

/** What a feed is. */
export interface FeedOpen {
  /** The provider. See SyncJobsRequest. */
  provider?: AtsJobLinkProvider;
  /** The employer. See SyncJobsRequest. */
  employerUserId?: string;
  /** The integration. See SyncJobsRequest. */
  integrationId?: string;
  /** The run. Empty: a new one. The id of a run that was cut off resumes it: send the whole feed again, and what came before is answered as it was then. */
  syncRunId?: string;
  /** When the feed was read. See SyncJobsRequest. */
  generatedAt?: string;
  /** Whether to close the roles that the feed no longer holds. */
  closeMissing?: boolean;
  /** Results of the records. */
  detail?: FeedOpenDetail;
}

/**
 * Results of the records.
 *
 * - `DETAIL_UNSPECIFIED`: Only the summary at the end.
 * - `BATCHES`: One message a batch of 200, too.
 * - `CHANGES`: One message a record that wasn't UNCHANGED, too.
 * - `ALL`: One message a record.
 */
export type FeedOpenDetail = "DETAIL_UNSPECIFIED" | "BATCHES" | "CHANGES" | "ALL";

/** One field that an amendment changed. */
export interface FieldChange {
  /** The field's JSON name. */
  field?: string;
  /** Its value before, as JSON. */
  before?: string;
  /** Its value now, as JSON. */
  after?: string;
}

/** Fields that too many roles of a run lost at once. Clearing one of them is deferred until its run completes; a field that at least 10 roles had before, and more than half of those lost, is held: the roles keep their values. */
export interface FieldDrift {
  /** What became of the fields. */
  state?: FieldDriftState;
  /** The held fields, in the order of DriftedField.field. */
  fields?: DriftedField[];
  /** Until when ConfirmDrift is possible. Absent unless the state is HELD_DRIFT. */
  confirmByTime?: string;
  /** When ConfirmDrift cleared fields. Absent unless it did. */
  confirmTime?: string;
}

/**
 * What became of the fields.
 *
 * - `STATE_UNSPECIFIED`: Not stated.
 * - `HELD_DRIFT`: The roles keep the fields until ConfirmDrift.
 * - `CONFIRMED`: ConfirmDrift cleared the fields that it named. The others stay, and are judged again by the next run.
 * - `LAPSED`: Nobody confirmed within the day. The fields stay.
 * - `SUPERSEDED`: A later run took over before anybody confirmed. It judged the fields anew.
 * - `CANCELLED`: The integration was deactivated before anybody confirmed.
 */
export type FieldDriftState = "STATE_UNSPECIFIED" | "HELD_DRIFT" | "CONFIRMED" | "LAPSED" | "SUPERSEDED" | "CANCELLED";

/** Who writes a field. */
export interface FieldOwnership {
  /** The field in JSON spelling, for example `jobContent` or `operations.geofence`. */
  field?: string;
  /** Who writes it in a mirrored job. Nobody else can. */
  writer?: FieldOwnershipWriter;
}

/**
 * The writers.
 *
 * - `WRITER_UNSPECIFIED`: Not stated.
 * - `CLIENT_ATS`: The client's ATS, by a sync.
 * - `INTEGRATOR`: The integrator, over the API.
 * - `SERVICE`: Our own services.
 */
export type FieldOwnershipWriter = "WRITER_UNSPECIFIED" | "CLIENT_ATS" | "INTEGRATOR" | "SERVICE";

/** How many slots are taken. */
export interface Fill {
  /** Slots taken. */
  slotsFilled?: number;
  /** Offers that wait for an answer. */
  openOffers?: number;
}

/** What a reviewer found on one aspect. */
export interface Finding {
  /** The evidence that was reviewed. */
  aspect?: FindingAspect;
  /** What was found, in a few words. */
  finding?: string;
  /** What led to it. */
  note?: string;
  /** The operator that found it. Set by the server. */
  reviewer?: string;
}

/**
 * The aspect that the finding is about.
 *
 * - `ASPECT_UNSPECIFIED`: Not an aspect.
 * - `DATA_CLASS`: Which data the integration touches.
 * - `EMPLOYER_AUTHORITY`: Whether the applicant may speak for the employers.
 * - `REQUESTED_SCOPES`: Whether the scopes fit the use case.
 * - `ROUTE_RISK`: What the routes can do when they are misused.
 * - `INTEGRATION_READINESS`: Whether the integration is ready.
 */
export type FindingAspect = "ASPECT_UNSPECIFIED" | "DATA_CLASS" | "EMPLOYER_AUTHORITY" | "REQUESTED_SCOPES" | "ROUTE_RISK" | "INTEGRATION_READINESS";

/** A circle that workers check in from. */
export interface Geofence {
  /** The latitude of the centre in degrees. */
  latitude?: number;
  /** The longitude of the centre in degrees. */
  longitude?: number;
  /** The radius in metres. */
  radiusMeters?: number;
}

/** A circle that workers check in from. */
export interface GeofenceInput {
  /** The latitude of the centre in degrees. */
  latitude?: number;
  /** The longitude of the centre in degrees. */
  longitude?: number;
  /** The radius in metres. */
  radiusMeters?: number;
}

/** What keys may be issued from. A grant never changes: narrowing makes a new revision that supersedes it. */
export interface Grant {
  /** The public id, `grt_…`. It names all revisions. Empty in a dry run. */
  grantId?: string;
  /** Counts up from 1 with each narrowing. */
  revision?: number;
  /** State of the grant. */
  state?: GrantState;
  /** The tenant. */
  organizationId?: string;
  /** The ticket it came from. */
  ticketId?: string;
  /** The revision of the request that was reviewed. */
  requestRevision?: number;
  /** `sandbox` or `production`. */
  environment?: string;
  /** What was granted. */
  terms?: GrantTerms;
  /** Keys issued so far, revoked ones included. */
  keysIssued?: number;
  /** The operators that approved it, the proposer first. */
  approvedBy?: string[];
  /** When this revision was made. */
  createTime?: string;
  /** When it was revoked. Absent: it wasn't. */
  revokeTime?: string;
  /** Why it was revoked or narrowed. */
  reason?: string;
  /** Changes with every change. */
  etag?: string;
  /** Name of the organization. */
  organizationName?: string;
}

/** What the request log says of a narrower grant. Each answered call of the grant's keys was put to the checks that a call passes, under the terms proposed. Calls that were refused anyway are left out. */
export interface GrantSimulation {
  /** The grant. */
  grantId?: string;
  /** The revision that was in force. */
  revision?: number;
  /** The organization of the grant. */
  organizationId?: string;
  /** `sandbox` or `production`. */
  environment?: string;
  /** When it was computed. */
  simulateTime?: string;
  /** The operator that asked. */
  simulatedBy?: string;
  /** The scopes that would stay. */
  scopes?: string[];
  /** The key types that would stay. */
  keyTypes?: string[];
  /** The employers that would stay. */
  employerUserIds?: string[];
  /** The end of the oldest call that was looked at. Absent: there is none. */
  startTime?: string;
  /** How many answered calls were looked at, verifications of other services included. */
  calls?: string;
  /** How many of them would have been refused. */
  refusedCalls?: string;
  /** Those calls by method and reason, the most frequent first, 200 at most. */
  refused?: GrantSimulationRefusedCalls[];
  /** Calls that would have been answered without the jobs of employers that go: lists and watches that asked for one of those alone. */
  emptiedCalls?: string;
  /** Scopes of the grant in force that no call used. */
  unusedScopes?: string[];
  /** Employers of the grant in force that no call named. */
  unusedEmployerUserIds?: string[];
  /** What the log can't tell, in sentences. Never empty. */
  unknowns?: string[];
}

/** Answered calls of one method that would have been refused for one reason. */
export interface GrantSimulationRefusedCalls {
  /** The full name of the method, `xaigh.jobs.v1.JobsService.PostJob`. Empty for calls of other services, which ask here whether a key may make them. */
  method?: string;
  /** Its route, `POST /v1/jobs/post`. Empty for calls of other services. */
  route?: string;
  /** The reason of the refusal, `SCOPE_NOT_GRANTED`. */
  reason?: string;
  /** What the calls would have lacked: a scope, a key type, or employers. */
  missing?: string[];
  /** How many calls. */
  calls?: string;
  /** When the last of them ended. Absent for calls of other services. */
  lastTime?: string;
  /** The last of them, five at most, by their ids. Empty for calls of other services. */
  requestIds?: string[];
  /** Keys that made them, twenty at most. */
  keyIds?: string[];
}

/**
 * State of a grant.
 *
 * - `STATE_UNSPECIFIED`: Not a state.
 * - `ACTIVE`: Keys of it work.
 * - `SUPERSEDED`: A narrower revision took its place, for its keys too.
 * - `REVOKED`: Revoked, and all its keys with it.
 * - `EXPIRED`: Past its expiry.
 */
export type GrantState = "STATE_UNSPECIFIED" | "ACTIVE" | "SUPERSEDED" | "REVOKED" | "EXPIRED";

/** What an approval fixes. A grant holds exactly this. */
export interface GrantTerms {
  /** Scopes by name, at most those requested. */
  scopes?: string[];
  /** `sk`, `pk`; at most those requested. */
  keyTypes?: string[];
  /** The tier of the rate limit, as the settings name it. */
  tier?: string;
  /** The employers that keys of this grant reach. Everything else is missing to them. */
  employerUserIds?: string[];
  /** How many keys may ever be issued from the grant. */
  keyAllowance?: number;
  /** Where events go. */
  callbackUrl?: string;
  /** When the grant ends. Absent: it doesn't. */
  expireTime?: string;
  /** What the applicant has to keep to. */
  conditions?: string[];
  /** How access is taken back without harm. Production needs it. */
  rollbackPlan?: string;
  /** One finding on each of the five aspects. */
  findings?: Finding[];
  /** A founder's written waiver of the sandbox evidence. Production without evidence needs it. */
  evidenceWaiver?: string;
  /** A founder's written waiver of the proof of the domain. Production without that proof needs it; nothing waives the proof of the callback. */
  domainWaiver?: string;
}

/** A role held back by us. It counts as closed until the hold is lifted, and no sync reopens it. */
export interface Hold {
  /** Why, for example `suspected fraud`. */
  reason?: string;
  /** Since when. Absent in a request: now. */
  holdTime?: string;
}

/** Holds a job. */
export interface HoldJobBody {
  /** `sandbox` or `production`. */
  environment: "sandbox" | "production";
  /** Why; shown to the organization. */
  reason: string;
}

/** What a credential is and may do. */
export interface Identity {
  /** The record of the key. Absent for an operator or a service. */
  key?: Key;
  /** The organization's name. Empty for an operator or a service. */
  organizationName?: string;
  /** The tier of the rate limit. Empty for an operator or a service, which have no limit. */
  tier?: string;
  /** The employers that it reaches. */
  employerUserIds?: string[];
  /** When the grant ends. Absent: it doesn't. */
  grantExpireTime?: string;
  /** What the applicant has to keep to. */
  conditions?: string[];
  /** What is left of the limit. Absent for an operator or a service. */
  rateLimit?: RateLimitState;
  /** Who the operator or service is. Absent for a key. */
  operator?: OperatorIdentity;
}

/** State of one integration's syncs. */
export interface IntegrationStatus {
  /** The integration. */
  integrationId?: string;
  /** Its provider. */
  provider?: AtsJobLinkProvider;
  /** Its board or tenant. */
  board?: string;
  /** Its employers. */
  employerUserIds?: string[];
  /** State of the integration. */
  state?: AtsIntegrationState;
  /** Its roles. */
  roles?: RoleCounts;
  /** When its last batch came. Absent: none has. */
  lastAttemptTime?: string;
  /** The state of the run that it belonged to. */
  lastAttemptResult?: SyncRunState;
  /** The run of the last batch. */
  lastSyncRunId?: string;
  /** When its last run completed. Absent: none has. */
  lastCompletedTime?: string;
  /** True where no run completed for as long as the integration allows, counted from the last one, or from the activation. Reported, never acted on. */
  stale?: boolean;
  /** Since when. Absent unless it is stale. */
  staleSinceTime?: string;
  /** The mass close that waits for ConfirmClose. Absent: none does. */
  pendingClose?: PendingClose;
  /** The fields that wait for ConfirmDrift. Absent: none do. */
  pendingDrift?: PendingDrift;
}

/** A note among operators. */
export interface InternalNote {
  /** Who wrote it. */
  operator?: string;
  /** What was written. */
  text?: string;
  /** When. */
  createTime?: string;
}

/** Asks for a key. */
export interface IssueKeyRequest {
  /** The grant. */
  grantId: string;
  /** A name for people. */
  name: string;
  /** `sk` or `pk`. Empty: `sk`. */
  keyType?: "sk" | "pk";
  /** Scopes by name. Empty: all of the grant that the key type can hold. */
  scopes?: string[];
  /** When it ends; not past the grant's end. Absent: with the grant. */
  expireTime?: string;
  /** Origins that may use it; publishable keys need at least one. */
  allowedOrigins?: string[];
  /** Networks that it may be used from, in CIDR notation. Empty: any. */
  allowedCidrs?: string[];
  /** Labels of the operators' own. */
  labels?: { [member: string]: string };
  /** Why the key is issued in clear although the ticket has a recipient to encrypt it to. Given: it is shown to the operator; a production key needs it for that. */
  clearReason?: string;
}

/** A key at the one moment that it can be seen. */
export interface IssuedKey {
  /** The record. */
  key?: Key;
  /** The key itself, once. Empty unless it is SHOWN. */
  apiKey?: string;
  /** What became of it. */
  disclosure?: IssuedKeyDisclosure;
  /** The ticket whose status token fetches the sealed key. */
  sealedForTicketId?: string;
}

/**
 * What became of the key itself.
 *
 * - `DISCLOSURE_UNSPECIFIED`: Not stated.
 * - `SHOWN`: It is in `api_key`. It will never be shown again.
 * - `SEALED`: It is encrypted to the ticket's recipient, who fetches it with the status token. No operator sees it.
 * - `WITHHELD`: This is the replay of an earlier reply; the key was shown then.
 */
export type IssuedKeyDisclosure = "DISCLOSURE_UNSPECIFIED" | "SHOWN" | "SEALED" | "WITHHELD";

/** A job of one employer. Four members are the client's: for a DIRECT job the integrator writes them over the API, for a CLIENT_ATS job only a sync does. `operations` is ours and the integrator's, and no sync ever touches it. */
export interface Job {
  /** The id: `job_…` of a direct job, `ats_…` of a mirrored one. */
  jobId: string;
  /** The employer that the job belongs to. It never changes. */
  employerUserId?: string;
  /** Origin of the job. It never changes. */
  source?: JobSource;
  /** What the work is. */
  jobContent?: JobContent;
  /** Whether the job is offered. */
  publicationStatus?: PublicationStatus;
  /** What the job pays. */
  payRange?: PayRange;
  /** Where workers apply. */
  applicationDestination?: ApplicationDestination;
  /** How the work is run. Each member has an owner of its own. */
  operations?: Operations;
  /** The record that the job mirrors. Absent for a direct job. */
  atsLink?: AtsJobLink;
  /** When the job was posted, or mirrored first. */
  createTime?: string;
  /** When anything of the job changed last. */
  updateTime?: string;
  /** Changes with every change. Sent with an update, it makes the update fail with ETAG_MISMATCH if the job changed meanwhile. Empty: no such check. */
  etag?: string;
  /** The organization that the job belongs to. It never changes. */
  organizationId?: string;
}

/** A job of one employer. Four members are the client's: for a DIRECT job the integrator writes them over the API, for a CLIENT_ATS job only a sync does. `operations` is ours and the integrator's, and no sync ever touches it. */
export interface JobBody {
  /** What the work is. */
  jobContent?: JobContentInput;
  /** Whether the job is offered. */
  publicationStatus?: PublicationStatusInput;
  /** What the job pays. */
  payRange?: PayRangeInput;
  /** Where workers apply. */
  applicationDestination?: ApplicationDestinationInput;
  /** How the work is run. Each member has an owner of its own. */
  operations?: OperationsInput;
  /** Changes with every change. Sent with an update, it makes the update fail with ETAG_MISMATCH if the job changed meanwhile. Empty: no such check. */
  etag?: string;
}

/** One message of a watch. Changes of one job come in their order, each once a connection; after a reconnect with the last cursor none is missing. */
export interface JobChange {
  /** Where to go on from after a reconnect. */
  cursor?: string;
  /** What happened. */
  kind?: JobChangeKind;
  /** The job as it is when the message is sent, which may be newer than the change. Absent for BOOKMARK. */
  job?: Job;
  /** When it happened. Absent for EXISTING and BOOKMARK. */
  changeTime?: string;
}

/**
 * What happened.
 *
 * - `KIND_UNSPECIFIED`: Not stated.
 * - `CREATED`: The job was posted, or mirrored first.
 * - `UPDATED`: Something of the client's half changed.
 * - `CLOSED`: The job was closed.
 * - `REOPENED`: A closed job came back.
 * - `OPERATIONS_UPDATED`: Something of the operations half changed.
 * - `EXISTING`: The job existed before the watch began; only with `include_existing`.
 * - `BOOKMARK`: Nothing happened: the watch is alive, and `cursor` is its latest. Sent first, and every 15 seconds without a change.
 * - `PENDING`: The job waits for an approval, and isn't open: it was posted under an approval policy, or its content changed. Follows CREATED or UPDATED.
 * - `APPROVED`: A job that waited was approved.
 * - `RETURNED`: A job that waited was returned to its integrator.
 */
export type JobChangeKind = "KIND_UNSPECIFIED" | "CREATED" | "UPDATED" | "CLOSED" | "REOPENED" | "OPERATIONS_UPDATED" | "EXISTING" | "BOOKMARK" | "PENDING" | "APPROVED" | "RETURNED";

/** What the work is. */
export interface JobContent {
  /** The title: plain text, trimmed. */
  title?: string;
  /** The description as HTML without scripts, styles, forms or event handlers. */
  descriptionHtml?: string;
  /** The description as text: one line a paragraph or list item. Made from `description_html`. */
  descriptionText?: string;
  /** What a worker must bring, one sentence each. */
  requirements?: string[];
  /** How many workers are wanted. 0: not stated, as in most mirrored records. */
  slots?: number;
  /** When the work begins. Absent: not stated. */
  startsAt?: string;
  /** When the work ends. Absent: not stated, or open-ended. */
  endsAt?: string;
  /** The places of work, the main one first. */
  locations?: Location[];
  /** Where the work is done. */
  workplaceType?: JobContentWorkplaceType;
  /** The nature of the contract. */
  employmentType?: JobContentEmploymentType;
  /** The client's id of the requisition. Several postings may share one. */
  requisitionId?: string;
  /** The department. */
  department?: string;
  /** The team within the department. */
  team?: string;
  /** The language of the posting by BCP 47, as the client states it. */
  language?: string;
  /** The integrator's own id of a direct job. It need not be unique. */
  externalReference?: string;
  /** When the client published the posting. RFC 3339, or a plain date where the client gives no time of day. Empty: not stated. */
  publishedAt?: string;
  /** Until when the client offers the posting, in the form of `published_at`. */
  validThrough?: string;
  /** True for a posting that gathers interest and offers no role. It isn't published, and no worker is sought for it, whatever `matching.state` is. */
  prospect?: boolean;
}

/**
 * The nature of the contract, or the hours where no nature is stated.
 *
 * - `EMPLOYMENT_TYPE_UNSPECIFIED`: Not stated.
 * - `FULL_TIME`: Full time.
 * - `PART_TIME`: Part time.
 * - `CONTRACT`: By contract, for a term or as a freelancer.
 * - `TEMPORARY`: Temporary or seasonal.
 * - `INTERN`: An internship.
 */
export type JobContentEmploymentType = "EMPLOYMENT_TYPE_UNSPECIFIED" | "FULL_TIME" | "PART_TIME" | "CONTRACT" | "TEMPORARY" | "INTERN";

/** What the work is. */
export interface JobContentInput {
  /** The title: plain text, trimmed. */
  title?: string;
  /** The description as HTML without scripts, styles, forms or event handlers. */
  descriptionHtml?: string;
  /** What a worker must bring, one sentence each. */
  requirements?: string[];
  /** How many workers are wanted. 0: not stated, as in most mirrored records. */
  slots?: number;
  /** When the work begins. Absent: not stated. */
  startsAt?: string;
  /** When the work ends. Absent: not stated, or open-ended. */
  endsAt?: string;
  /** The places of work, the main one first. */
  locations?: LocationInput[];
  /** Where the work is done. */
  workplaceType?: JobContentWorkplaceType;
  /** The nature of the contract. */
  employmentType?: JobContentEmploymentType;
  /** The client's id of the requisition. Several postings may share one. */
  requisitionId?: string;
  /** The department. */
  department?: string;
  /** The team within the department. */
  team?: string;
  /** The language of the posting by BCP 47, as the client states it. */
  language?: string;
  /** The integrator's own id of a direct job. It need not be unique. */
  externalReference?: string;
  /** When the client published the posting. RFC 3339, or a plain date where the client gives no time of day. Empty: not stated. */
  publishedAt?: string;
  /** Until when the client offers the posting, in the form of `published_at`. */
  validThrough?: string;
  /** True for a posting that gathers interest and offers no role. It isn't published, and no worker is sought for it, whatever `matching.state` is. */
  prospect?: boolean;
}

/**
 * Where the work is done.
 *
 * - `WORKPLACE_TYPE_UNSPECIFIED`: Not stated; never read as on-site.
 * - `ONSITE`: At the place of work.
 * - `HYBRID`: Partly at the place of work.
 * - `REMOTE`: From anywhere within the places named.
 */
export type JobContentWorkplaceType = "WORKPLACE_TYPE_UNSPECIFIED" | "ONSITE" | "HYBRID" | "REMOTE";

/** The hold that an operator laid on one job, or a rollback of a key on what the key had posted. The role isn't published and doesn't match until operators release it. */
export interface JobHold {
  /** The hold of one job, `hld_…`, or the rollback, `rbk_…`: to name it when you ask us about it. */
  holdId?: string;
  /** The operators' words on why they hold the job or rolled the key back. */
  reason?: string;
  /** When the job was held or the key was rolled back. */
  holdTime?: string;
}

/**
 * Origin of a job.
 *
 * - `SOURCE_UNSPECIFIED`: Not stated.
 * - `DIRECT`: Posted over the API.
 * - `CLIENT_ATS`: Mirrored from the client's ATS.
 */
export type JobSource = "SOURCE_UNSPECIFIED" | "DIRECT" | "CLIENT_ATS";

/** The record of a key. The key itself isn't in it and can't be read again. */
export interface Key {
  /** The public id: the ten characters after the prefix. */
  keyId: string;
  /** State of the key. */
  state?: KeyState;
  /** A name for people. */
  name?: string;
  /** `sandbox` or `production`. */
  environment?: string;
  /** `sk` or `pk`. */
  keyType?: string;
  /** The prefix, for example `test_sk_`. */
  prefix?: string;
  /** The last four characters, to tell keys apart. */
  lastFour?: string;
  /** The tenant. */
  organizationId?: string;
  /** The grant it was issued from. */
  grantId?: string;
  /** What it may do: never more than its grant. */
  scopes?: string[];
  /** Origins that may use it: publishable keys only. */
  allowedOrigins?: string[];
  /** Networks that it may be used from, in CIDR notation. Empty: any. */
  allowedCidrs?: string[];
  /** Labels of the operators' own. */
  labels?: { [member: string]: string };
  /** When it was issued. */
  createTime?: string;
  /** The operator that issued it. */
  createdBy?: string;
  /** When it ends. Absent: with its grant. */
  expireTime?: string;
  /** When it was revoked. Absent: it wasn't. */
  revokeTime?: string;
  /** Why it was revoked. */
  revokeReason?: string;
  /** The key that replaced it; empty if none did. */
  replacedBy?: string;
  /** When it was last used, at most 60 seconds late. Absent: never. */
  lastUsedTime?: string;
  /** When it was last refused, at most 60 seconds late. Absent: never. */
  lastRefusedTime?: string;
  /** When it was seen in a browser although it is a secret one. Absent: never. */
  flaggedTime?: string;
  /** Changes with every change. */
  etag?: string;
  /** Name of the organization. */
  organizationName?: string;
}

/**
 * State of a key.
 *
 * - `STATE_UNSPECIFIED`: Not a state.
 * - `ACTIVE`: It works.
 * - `GRACE`: Replaced by a rotation; it works until its grace is over.
 * - `ROTATED`: Replaced by a rotation, and its grace is over.
 * - `REVOKED`: Revoked for good.
 * - `EXPIRED`: Past its expiry.
 */
export type KeyState = "STATE_UNSPECIFIED" | "ACTIVE" | "GRACE" | "ROTATED" | "REVOKED" | "EXPIRED";

/** What a presented key may do. */
export interface KeyVerdict {
  /** True where the call may go on. */
  allowed?: boolean;
  /** Why not: a value of ErrorReason. Empty where it is allowed. */
  reason?: string;
  /** The reason in a sentence. Empty where it is allowed. */
  message?: string;
  /** The key's public id. Empty where the key isn't known. */
  keyId?: string;
  /** The tenant. Empty where the key isn't known. */
  organizationId?: string;
  /** `sandbox` or `production`. Empty where the key isn't known. */
  environment?: string;
  /** The tier of its limit. */
  tier?: string;
  /** The employers that it reaches. */
  employerUserIds?: string[];
  /** What is left of the limit. */
  rateLimit?: RateLimitState;
  /** `sk` or `pk`. Empty where the key isn't known. */
  keyType?: string;
  /** The scopes that it holds, by name. Empty where the key isn't known. */
  scopes?: string[];
}

/** A page of the queue. */
export interface ListAccessRequestsResponse {
  /** Oldest first. */
  accessRequests?: AccessRequest[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of applications. */
export interface ListApplicationsResponse {
  /** The applications, newest first. */
  applications?: Application[];
  /** The token of the next page. Empty: this is the last one. */
  nextPageToken?: string;
}

/** A page of the log. */
export interface ListAuditEventsResponse {
  /** Newest first. */
  auditEvents?: AuditEvent[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of closeouts. */
export interface ListCloseoutsResponse {
  /** The closeouts, those of the newest jobs first. */
  closeouts?: Closeout[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of deliveries. */
export interface ListDeliveriesResponse {
  /** The deliveries, newest first. */
  deliveries?: Delivery[];
  /** The token of the next page. Empty: this is the last. */
  nextPageToken?: string;
}

/** Every drill, in the order of a rehearsal. */
export interface ListDrillsResponse {
  /** One of each kind. */
  drills?: Drill[];
}

/** A page of an employer's jobs. */
export interface ListEmployerJobsResponse {
  /** The jobs, newest first. */
  jobs?: EmployerJob[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of employers. */
export interface ListEmployersResponse {
  /** The employers, in the order of their ids. */
  employers?: Employer[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of endpoints. */
export interface ListEndpointsResponse {
  /** The endpoints, newest first. */
  endpoints?: Endpoint[];
  /** The token of the next page. Empty: this is the last. */
  nextPageToken?: string;
}

/** A page of events. */
export interface ListEventsResponse {
  /** The events, newest first. A page may be short, or empty, where others follow. */
  events?: Event[];
  /** The token of the next page. Empty: this is the last. */
  nextPageToken?: string;
}

/** A page of grants. */
export interface ListGrantsResponse {
  /** Newest first. */
  grants?: Grant[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of integrations. */
export interface ListIntegrationsResponse {
  /** The integrations, the oldest first. */
  integrations?: AtsIntegration[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of jobs. */
export interface ListJobsResponse {
  /** The jobs, newest first. */
  jobs?: Job[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of keys. */
export interface ListKeysResponse {
  /** Newest first. */
  keys?: Key[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of applications. */
export interface ListOrganizationApplicationsResponse {
  /** The applications, newest first. */
  applications?: Application[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of deliveries. */
export interface ListOrganizationDeliveriesResponse {
  /** The webhook deliveries, newest first. */
  deliveries?: Delivery[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of endpoints. */
export interface ListOrganizationEndpointsResponse {
  /** The webhook endpoints without their secrets, newest first. */
  endpoints?: Endpoint[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of events. */
export interface ListOrganizationEventsResponse {
  /** The sync events with their raw hashes, newest first. */
  events?: AtsJobSyncEvent[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of integrations. */
export interface ListOrganizationIntegrationsResponse {
  /** The integrations in the order of their making. */
  integrations?: AtsIntegration[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of jobs. */
export interface ListOrganizationJobsResponse {
  /** The jobs, newest first. */
  jobs?: Job[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of calls. */
export interface ListOrganizationRequestLogsResponse {
  /** The calls, those that ended last first. */
  requestLogs?: RequestLog[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of runs. */
export interface ListOrganizationRunsResponse {
  /** The sync runs, newest first. */
  runs?: SyncRun[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of organizations. */
export interface ListOrganizationsResponse {
  /** In the order of their ids. */
  organizations?: Organization[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of an organization's own events. */
export interface ListOwnAuditEventsResponse {
  /** Newest first. */
  auditEvents?: AuditEvent[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of proposals. */
export interface ListProposalsResponse {
  /** Newest first. */
  proposals?: Proposal[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of published jobs. */
export interface ListPublishedJobsResponse {
  /** The jobs, newest first. */
  jobs?: PublishedJob[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of calls. */
export interface ListRequestLogsResponse {
  /** The calls, those that ended last first. */
  requestLogs?: RequestLog[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** The catalogue of scopes. */
export interface ListScopesResponse {
  /** By name. */
  scopes?: ListScopesResponseCatalogueScope[];
}

/** One scope. */
export interface ListScopesResponseCatalogueScope {
  /** The name, `family:verb`. */
  name?: string;
  /** Who can hold it: `INTEGRATOR`, `OPERATOR` or `SERVICE`. */
  audience?: string;
  /** True where it can be granted to an integrator today. */
  mintable?: boolean;
  /** True where production needs two operators. */
  highRisk?: boolean;
  /** What it allows, in a sentence. */
  summary?: string;
  /** What it opens, and nothing else. Empty where nothing is served yet. */
  routes?: ListScopesResponseCatalogueScopeRoute[];
}

/** One method or route that a scope opens. */
export interface ListScopesResponseCatalogueScopeRoute {
  /** HTTP method and path: `POST /v1/jobs/post`. Of products that live elsewhere `/v1/nature/*` stands for everything below `/v1/nature/`. */
  route?: string;
  /** `LOW` for reads of one's own data, `MEDIUM` for writes that can be undone, `HIGH` for writes that touch real work, money or credentials. */
  risk?: string;
  /** True where publishable keys, too, may call it, from their origins. */
  publishable?: boolean;
}

/** A page of events. */
export interface ListSyncEventsResponse {
  /** The events, newest first. */
  events?: AtsJobSyncEvent[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of runs. */
export interface ListSyncRunsResponse {
  /** The runs, newest first. */
  runs?: SyncRun[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** One place. Only what the posting makes certain is filled in. */
export interface Location {
  /** The place in the posting's own words. */
  raw?: string;
  /** The city. */
  city?: string;
  /** The state or region, as the posting writes it: a code or a name. */
  region?: string;
  /** The country by ISO 3166-1 alpha-2, for example `US`. */
  country?: string;
  /** The postal code. */
  postalCode?: string;
  /** The latitude in degrees. Absent: not known. */
  latitude?: number;
  /** The longitude in degrees. Absent: not known. */
  longitude?: number;
  /** True where the work can be done from anywhere within the place. */
  remote?: boolean;
}

/** One place. Only what the posting makes certain is filled in. */
export interface LocationInput {
  /** The place in the posting's own words. */
  raw?: string;
  /** The city. */
  city?: string;
  /** The state or region, as the posting writes it: a code or a name. */
  region?: string;
  /** The country by ISO 3166-1 alpha-2, for example `US`. */
  country?: string;
  /** The postal code. */
  postalCode?: string;
  /** The latitude in degrees. Absent: not known. */
  latitude?: number;
  /** The longitude in degrees. Absent: not known. */
  longitude?: number;
  /** True where the work can be done from anywhere within the place. */
  remote?: boolean;
}

/** When a close is held back. A run is held if it would close more than both: more than `min_roles`, and more than `percent` of the open ones. */
export interface MassCloseGuard {
  /** A run that would close at most so many roles isn't held. Absent: 10. */
  minRoles?: number;
  /** A run that would close at most this share of the open roles, in percent, isn't held. Absent: 20. */
  percent?: number;
}

/** When a close is held back. A run is held if it would close more than both: more than `min_roles`, and more than `percent` of the open ones. */
export interface MassCloseGuardInput {
  /** A run that would close at most so many roles isn't held. Absent: 10. */
  minRoles?: number;
  /** A run that would close at most this share of the open roles, in percent, isn't held. Absent: 20. */
  percent?: number;
}

/** How workers are found. */
export interface Matching {
  /** What our services want. A close leaves it as it is, and a reopened role finds it again. */
  state?: MatchingState;
  /** True where workers are sought right now: the state is RUNNING, the role is open, nothing holds it back, and it is no prospect. Worked out at every read. */
  active?: boolean;
  /** How many workers fit. */
  candidates?: number;
  /** Holds the role back whatever the client says. Absent: nothing does. */
  hold?: Hold;
}

/**
 * What our services want.
 *
 * - `STATE_UNSPECIFIED`: Not begun.
 * - `RUNNING`: Workers are sought.
 * - `PAUSED`: A person paused it.
 * - `DONE`: Enough workers are found.
 */
export type MatchingState = "STATE_UNSPECIFIED" | "RUNNING" | "PAUSED" | "DONE";

/** Messages between workers and the employer. */
export interface Messages {
  /** Messages in all. */
  total?: number;
  /** Those that the employer hasn't read. */
  unread?: number;
  /** When the last one came. Absent: none has. */
  lastMessageTime?: string;
}

/** What became of the roles that a run no longer held. */
export interface MissingClose {
  /** What was done. */
  state?: MissingCloseState;
  /** Why nothing was closed. */
  reason?: MissingCloseReason;
  /** How many roles were, or would be, closed. */
  count?: number;
  /** How many roles were open when the run completed. */
  openCount?: number;
  /** Those roles, the first hundred; the rest are in ListSyncEvents. */
  roles?: MissingRole[];
  /** Until when ConfirmClose is possible. Absent unless the state is HELD. */
  confirmByTime?: string;
  /** When it was closed or confirmed. Absent unless it was. */
  closeTime?: string;
}

/**
 * Why nothing was closed.
 *
 * - `REASON_UNSPECIFIED`: Nothing stood in the way.
 * - `MASS_CLOSE`: The run would close too many roles at once.
 * - `EMPTY_FEED`: The feed is empty.
 * - `COUNT_MISMATCH`: The ids that came aren't as many as announced.
 * - `UNREADABLE_RECORDS`: The ids of some records couldn't be read, so a role may be among them.
 * - `NOT_COMPLETED`: The run ended before it was complete.
 * - `INTEGRATION_DEACTIVATED`: The integration was deactivated.
 */
export type MissingCloseReason = "REASON_UNSPECIFIED" | "MASS_CLOSE" | "EMPTY_FEED" | "COUNT_MISMATCH" | "UNREADABLE_RECORDS" | "NOT_COMPLETED" | "INTEGRATION_DEACTIVATED";

/**
 * What was done.
 *
 * - `STATE_UNSPECIFIED`: Not stated.
 * - `NOT_REQUESTED`: No batch set `closeMissing`.
 * - `WAITING`: The run isn't complete yet.
 * - `CLOSED`: The roles were closed.
 * - `HELD`: The guard holds the close back until ConfirmClose.
 * - `CONFIRMED`: The roles that were held back were closed by ConfirmClose.
 * - `SKIPPED`: Nothing was closed; `reason` has the cause.
 * - `LAPSED`: Nobody confirmed within the day.
 * - `SUPERSEDED`: A later run completed before the close was confirmed.
 * - `CANCELLED`: The integration was deactivated before the close was confirmed.
 */
export type MissingCloseState = "STATE_UNSPECIFIED" | "NOT_REQUESTED" | "WAITING" | "CLOSED" | "HELD" | "CONFIRMED" | "SKIPPED" | "LAPSED" | "SUPERSEDED" | "CANCELLED";

/** A role that the feed no longer holds. */
export interface MissingRole {
  /** The mirror. */
  jobId?: string;
  /** The provider's id. */
  externalJobId?: string;
  /** Its title. */
  title?: string;
}

/** Narrows a grant. What is left empty stays as it is; nothing can widen. */
export interface NarrowGrantBody {
  /** The etag that was read. Empty: whatever it is now. */
  etag?: string;
  /** Why; kept in the audit log. */
  reason: string;
  /** The scopes that stay. */
  scopes?: string[];
  /** The key types that stay. */
  keyTypes?: Array<"sk" | "pk">;
  /** The employers that stay. */
  employerUserIds?: string[];
  /** A lower allowance. 0: as it is. */
  keyAllowance?: number;
  /** An earlier end. Absent: as it is. */
  expireTime?: string;
  /** A lower tier. Empty: as it is. */
  tier?: string;
}

/** A role as its client states it. A feed may hold such records instead of a provider's own; they are checked like those, one by one, and a fault refuses the record alone. */
export interface NormalizedJob {
  /** The provider's id: trimmed, case kept, required. */
  externalJobId?: string;
  /** The title: plain text, required. */
  title?: string;
  /** The description as HTML. It is sanitized. */
  descriptionHtml?: string;
  /** The description as text; used where there is no HTML. */
  descriptionText?: string;
  /** What a worker must bring, one sentence each. */
  requirements?: string[];
  /** The nature of the contract. */
  employmentType?: JobContentEmploymentType;
  /** Where the work is done. */
  workplaceType?: JobContentWorkplaceType;
  /** The places of work, the main one first. */
  locations?: LocationInput[];
  /** What the job pays. */
  pay?: PayInput[];
  /** The page to apply on, https. */
  applyUrl?: string;
  /** The posting's own page, https. */
  canonicalUrl?: string;
  /** Whether the client offers the role. */
  status?: NormalizedJobStatus;
  /** False where only people with the link may see it. Absent: true. */
  listed?: boolean;
  /** The client's id of the requisition. */
  requisitionId?: string;
  /** The department. */
  department?: string;
  /** The team within the department. */
  team?: string;
  /** The language of the posting by BCP 47. */
  language?: string;
  /** When the client published the posting: RFC 3339, or a plain date. */
  publishedAt?: string;
  /** When the client changed the posting last, RFC 3339. An older one never overwrites a newer one. */
  updatedAt?: string;
  /** Until when the client offers the posting: RFC 3339, or a plain date. */
  validThrough?: string;
}

/**
 * Whether the client offers the role.
 *
 * - `STATUS_UNSPECIFIED`: Not stated: a role is open because it is in the feed.
 * - `OPEN`: Offered.
 * - `CLOSED`: No longer offered.
 * - `UNLISTED`: Offered to people with the link.
 * - `DRAFT`: Not offered yet.
 */
export type NormalizedJobStatus = "STATUS_UNSPECIFIED" | "OPEN" | "CLOSED" | "UNLISTED" | "DRAFT";

/** The operations half of a job. Integrators write the first five members, our services the other five. Updates, closes and reopenings by a sync leave every byte of it as it is. */
export interface Operations {
  /** Whether offers go out by themselves. */
  autoOffer?: AutoOffer;
  /** Where workers check in. A change of the posting's place never moves it. */
  geofence?: Geofence;
  /** What workers must have on file. */
  documents?: Documents;
  /** What workers must pass before the first shift. */
  readiness?: Readiness;
  /** Which workers see the job. */
  workerAudience?: WorkerAudience;
  /** How workers are found. */
  matching?: Matching;
  /** How many slots are taken. */
  fill?: Fill;
  /** Who came. */
  attendance?: Attendance;
  /** The text of the message. */
  messages?: Messages;
  /** What went to payroll. */
  payrollHandoff?: PayrollHandoff;
}

/** The operations half of a job. Integrators write the first five members, our services the other five. Updates, closes and reopenings by a sync leave every byte of it as it is. */
export interface OperationsInput {
  /** Whether offers go out by themselves. */
  autoOffer?: AutoOfferInput;
  /** Where workers check in. A change of the posting's place never moves it. */
  geofence?: GeofenceInput;
  /** What workers must have on file. */
  documents?: DocumentsInput;
  /** What workers must pass before the first shift. */
  readiness?: ReadinessInput;
  /** Which workers see the job. */
  workerAudience?: WorkerAudienceInput;
}

/** A page of jobs. */
export interface OperationsServiceListJobsResponse {
  /** The jobs, newest first. */
  jobs?: Job[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** A page of sync events. */
export interface OperationsServiceListSyncEventsResponse {
  /** The events, newest first. */
  events?: AtsJobSyncEvent[];
  /** For the next page; empty on the last one. */
  nextPageToken?: string;
}

/** What an operator's or a service's credential is and may do. */
export interface OperatorIdentity {
  /** The operator, `opr_…`. */
  operatorId?: string;
  /** The operator's name, as the audit log shows it. */
  name?: string;
  /** `founder`, `api_ops`, `auditor` or `service`. */
  role?: string;
  /** What the role may do, sorted. */
  scopes?: string[];
  /** The public id of the credential that the call was made with. */
  credentialId?: string;
  /** When the credential ends. Absent: it doesn't. */
  expireTime?: string;
}

/** A tenant. Every key, grant, job, integration and event belongs to one. */
export interface Organization {
  /** The public id, `org_…`. */
  organizationId: string;
  /** Its name, from the first request approved. */
  displayName?: string;
  /** State of the organization. */
  state?: OrganizationState;
  /** Mail domains of its contacts. They only suggest, they never prove. */
  emailDomains?: string[];
  /** When it was made. */
  createTime?: string;
  /** When it last changed. */
  updateTime?: string;
  /** Why it is suspended; empty while it isn't. */
  suspensionReason?: string;
  /** Changes with every change. */
  etag?: string;
}

/**
 * State of an organization.
 *
 * - `STATE_UNSPECIFIED`: Not a state.
 * - `ACTIVE`: Its keys work.
 * - `SUSPENDED`: All its keys are refused with SUSPENDED until it is resumed.
 */
export type OrganizationState = "STATE_UNSPECIFIED" | "ACTIVE" | "SUSPENDED";

/** An organization that may be the applicant's. */
export interface OrganizationSuggestion {
  /** The organization. */
  organizationId?: string;
  /** Its name. */
  displayName?: string;
  /** Why it is suggested, in a sentence. */
  why?: string;
}

/** What an applicant does to prove ownership. */
export interface OwnershipInstructions {
  /** The name of the TXT record. Empty where the domain can't be proven. */
  dnsName?: string;
  /** The text of the TXT record, and the line that the file holds. */
  dnsValue?: string;
  /** Where the file is fetched from, instead of the TXT record: over https, with a valid certificate, without redirects. */
  fileUrl?: string;
  /** What to do, in sentences. */
  steps?: string[];
}

/** Whether the applicant owns one thing that its request names. Proofs are checked again every week, and a lapsed one every day. */
export interface OwnershipProof {
  /** What is proven. */
  kind?: OwnershipProofKind;
  /** The domain, or the URL. */
  subject?: string;
  /** How the proof stands. */
  state?: OwnershipProofState;
  /** How it was given when it was last proven. */
  method?: OwnershipProofMethod;
  /** When it was first proven. Absent: never. */
  proveTime?: string;
  /** When it was last checked. Absent: never. */
  checkTime?: string;
  /** Since when it has lapsed. Absent: it hasn't. */
  lapseTime?: string;
  /** What the last check found, in a sentence, where it failed; or why the proof is impossible. */
  finding?: string;
}

/**
 * What is proven.
 *
 * - `KIND_UNSPECIFIED`: Not stated.
 * - `DOMAIN`: The domain of the contact's mail address.
 * - `CALLBACK`: A callback URL.
 */
export type OwnershipProofKind = "KIND_UNSPECIFIED" | "DOMAIN" | "CALLBACK";

/**
 * How a proof was given.
 *
 * - `METHOD_UNSPECIFIED`: Not proven.
 * - `DNS_TXT`: A TXT record in the domain name system.
 * - `WELL_KNOWN_FILE`: A file under `/.well-known/`.
 * - `CHALLENGE`: The callback answered a signed challenge.
 */
export type OwnershipProofMethod = "METHOD_UNSPECIFIED" | "DNS_TXT" | "WELL_KNOWN_FILE" | "CHALLENGE";

/**
 * How a proof stands.
 *
 * - `STATE_UNSPECIFIED`: Not stated.
 * - `UNPROVEN`: Not proven yet.
 * - `PROVEN`: Proven, and it held when it was last checked.
 * - `LAPSED`: It was proven, and no longer held when it was last checked.
 * - `IMPOSSIBLE`: Can't be proven: the domain is one of free mailboxes or a public suffix. Production then needs a founder's waiver.
 */
export type OwnershipProofState = "STATE_UNSPECIFIED" | "UNPROVEN" | "PROVEN" | "LAPSED" | "IMPOSSIBLE";

/** One range of pay. */
export interface Pay {
  /** The lower end in minor units of the currency by ISO 4217: cents of USD, whole yen of JPY. Absent: only the upper end is stated. */
  minMinor?: string;
  /** The upper end in minor units, not below the lower one. Absent: only the lower end is stated. */
  maxMinor?: string;
  /** The currency by ISO 4217, for example `USD`. Empty: not known, and the amounts are hundredths. */
  currency?: string;
  /** The period that the amounts are paid for. */
  interval?: PayInterval;
  /** A guess from the size of the amounts, given only where the interval isn't known. */
  suggestedInterval?: PayInterval;
  /** What the posting calls the range, for example `Pay range` or a place. */
  label?: string;
  /** Where the amounts were read. */
  source?: PaySource;
}

/** One range of pay. */
export interface PayInput {
  /** The lower end in minor units of the currency by ISO 4217: cents of USD, whole yen of JPY. Absent: only the upper end is stated. */
  minMinor?: string;
  /** The upper end in minor units, not below the lower one. Absent: only the lower end is stated. */
  maxMinor?: string;
  /** The currency by ISO 4217, for example `USD`. Empty: not known, and the amounts are hundredths. */
  currency?: string;
  /** The period that the amounts are paid for. */
  interval?: PayInterval;
  /** A guess from the size of the amounts, given only where the interval isn't known. */
  suggestedInterval?: PayInterval;
  /** What the posting calls the range, for example `Pay range` or a place. */
  label?: string;
  /** Where the amounts were read. */
  source?: PaySource;
}

/**
 * The period that an amount is paid for.
 *
 * - `INTERVAL_UNSPECIFIED`: Not known. Never an invitation to guess: see `suggested_interval`.
 * - `HOUR`: An hour.
 * - `DAY`: A day.
 * - `WEEK`: A week.
 * - `BIWEEK`: Two weeks.
 * - `SEMIMONTH`: Half a month.
 * - `MONTH`: A month.
 * - `YEAR`: A year.
 * - `ONE_TIME`: Once, for the whole work.
 */
export type PayInterval = "INTERVAL_UNSPECIFIED" | "HOUR" | "DAY" | "WEEK" | "BIWEEK" | "SEMIMONTH" | "MONTH" | "YEAR" | "ONE_TIME";

/** What a job pays. A posting may state several ranges, for example one for each place. */
export interface PayRange {
  /** The ranges, in the order of the posting. Empty: the pay isn't stated. */
  pays?: Pay[];
}

/** What a job pays. A posting may state several ranges, for example one for each place. */
export interface PayRangeInput {
  /** The ranges, in the order of the posting. Empty: the pay isn't stated. */
  pays?: PayInput[];
}

/**
 * Where the amounts were read, the best source first.
 *
 * - `SOURCE_UNSPECIFIED`: Not known.
 * - `FIELD`: A field of the record.
 * - `MARKUP`: Structured markup within the description.
 * - `TAG`: A free tag of the client's.
 * - `PROSE`: A sentence of the description.
 */
export type PaySource = "SOURCE_UNSPECIFIED" | "FIELD" | "MARKUP" | "TAG" | "PROSE";

/** What went to payroll. */
export interface PayrollHandoff {
  /** How far it is. */
  state?: PayrollHandoffState;
  /** Payroll's own id. Empty: none yet. */
  reference?: string;
  /** When it was handed over. Absent: it wasn't. */
  handoffTime?: string;
}

/**
 * How far it is.
 *
 * - `STATE_UNSPECIFIED`: Nothing to hand over yet.
 * - `READY`: Hours are approved, and not handed over.
 * - `HANDED_OFF`: Handed over.
 * - `FAILED`: Payroll refused it.
 */
export type PayrollHandoffState = "STATE_UNSPECIFIED" | "READY" | "HANDED_OFF" | "FAILED";

/** The reviewed terms of an active integration as an integrator wants them, all of them, changed or not. */
export interface PendingChange {
  /** The board or tenant. */
  board?: string;
  /** The employers that it is to speak for. */
  employerUserIds?: string[];
  /** How workers are to apply. */
  applyMode?: ApplicationDestinationMode;
  /** What is to take forwarded applications. Empty: nothing. */
  forwardTarget?: string;
  /** When a close is to be held back. */
  guard?: MassCloseGuard;
  /** When it was asked for. */
  proposeTime?: string;
}

/** A mass close that waits. */
export interface PendingClose {
  /** The run that missed the roles. */
  syncRunId?: string;
  /** The count to confirm. */
  closeCount?: number;
  /** How many roles were open. */
  openCount?: number;
  /** Why it waits. */
  reason?: MissingCloseReason;
  /** Until when it can be confirmed. */
  confirmByTime?: string;
}

/** Fields that a run held back because too many roles lost them at once. */
export interface PendingDrift {
  /** The run. */
  syncRunId?: string;
  /** The fields, with their counts. Examples are on the run alone. */
  fields?: DriftedField[];
  /** Until when they can be confirmed. */
  confirmByTime?: string;
}

/** A direct job to post. */
export interface PostJobRequest {
  /** The employer that the job belongs to; one of the grant's. */
  employerUserId: string;
  /** The title: plain text. */
  title: string;
  /** How many workers are wanted. */
  slots: number;
  /** When the work begins. */
  startsAt: string;
  /** When the work ends, later than it begins. Absent: open-ended. */
  endsAt?: string;
  /** The description, as text or HTML. Scripts, styles, forms and event handlers are removed; HTML that nests too deep or leaves too many elements open is refused. */
  description?: string;
  /** What the job pays. Absent: not stated. */
  pay?: PayInput;
  /** The place of work. Absent: not stated. */
  location?: LocationInput;
  /** What a worker must bring, one sentence each. */
  requirements?: string[];
  /** The caller's own id of the job. It need not be unique. */
  externalReference?: string;
}

/** An approval that one operator proposed, with terms that never change. Another operator confirms it, or an operator discards it. At most one is open for an environment of a ticket. */
export interface Proposal {
  /** The public id, `prp_…`. Empty in a dry run. */
  proposalId?: string;
  /** State of the proposal. */
  state?: ProposalState;
  /** The ticket that it would approve. */
  ticketId?: string;
  /** The revision of the request that was reviewed. */
  requestRevision?: number;
  /** The environment that it would approve: `sandbox` or `production`. */
  environment?: string;
  /** The organization that the grant will belong to. Empty where confirming makes a new one, `new_organization_name`. */
  organizationId?: string;
  /** Name of the organization that confirming makes. Empty where `organization_id` names one. */
  newOrganizationName?: string;
  /** Name of the organization, whether it exists or is to be made. */
  organizationName?: string;
  /** The terms of the grant that confirming makes: all of them, with the findings and the reviewer of each. */
  terms?: GrantTerms;
  /** The operator who proposed it, by name. No credential of the same person can confirm it. */
  proposedBy?: string;
  /** Changes with the state; a confirmation and a discard carry it. */
  etag?: string;
  /** When it was made. */
  createTime?: string;
  /** When it expires without a decision: 7 days after it was made. */
  expireTime?: string;
  /** When it left the state OPEN. Absent while it is open. */
  closeTime?: string;
  /** The operator who confirmed or discarded it, by name. Empty otherwise. */
  closedBy?: string;
  /** Why it was discarded or what outdated it, in a sentence. Empty otherwise. */
  closeReason?: string;
  /** The grant that the confirmation made. Empty before. */
  grantId?: string;
}

/**
 * State of a proposal.
 *
 * - `STATE_UNSPECIFIED`: Not a state.
 * - `OPEN`: Waits for another operator.
 * - `CONFIRMED`: Another operator confirmed it: a grant exists.
 * - `DISCARDED`: An operator discarded it.
 * - `OUTDATED`: The ticket changed after the proposal was made: an amendment, a reply, a question, another reviewer, a decision, a withdrawal or its expiry.
 * - `EXPIRED`: Nobody confirmed it in time.
 */
export type ProposalState = "STATE_UNSPECIFIED" | "OPEN" | "CONFIRMED" | "DISCARDED" | "OUTDATED" | "EXPIRED";

/** Proves the callbacks of a request. */
export interface ProveCallbackBody {
  /** Only the callback of this environment. Empty: `callbackUrl`, and `sandboxCallbackUrl` where it is given. */
  environment?: "sandbox" | "production";
}

/** Proves the domain of a request. */
export type ProveDomainBody = Record<string, never>;

/** State of one provider's syncs. */
export interface ProviderStatus {
  /** The provider. */
  provider?: AtsJobLinkProvider;
  /** How many integrations it has. */
  integrationCount?: number;
  /** Its roles. */
  roles?: RoleCounts;
  /** When the last batch of any of them came. Absent: none has. */
  lastAttemptTime?: string;
  /** The state of the run that it belonged to. */
  lastAttemptResult?: SyncRunState;
  /** When the last run of any of them completed. Absent: none has. */
  lastCompletedTime?: string;
  /** True where at least one of its active integrations is stale. */
  stale?: boolean;
  /** Since when the first of them is. Absent unless one is. */
  staleSinceTime?: string;
  /** How many roles wait for ConfirmClose. */
  pendingCloseCount?: number;
}

/** Whether a job is offered. */
export interface PublicationStatus {
  /** The state. Written by CloseJob, approvals and syncs. */
  state?: PublicationStatusState;
  /** False where only people with the link may see it: it isn't published. */
  listed?: boolean;
  /** Why it is closed. */
  closeReason?: PublicationStatusCloseReason;
  /** The words given when it was closed over the API. */
  closeNote?: string;
  /** When it was closed last. Absent while it is open. */
  closeTime?: string;
  /** When it was last reopened. Absent: never. */
  reopenTime?: string;
  /** What operators hold the role back by. Absent: nothing. */
  hold?: JobHold;
  /** Since when it waits for an approval. Absent unless it is PENDING_APPROVAL. */
  submitTime?: string;
  /** What has to change before it is approved. Empty unless it is RETURNED. */
  returnReason?: string;
}

/**
 * Why a job is closed.
 *
 * - `CLOSE_REASON_UNSPECIFIED`: It isn't closed.
 * - `CLOSED_BY_INTEGRATOR`: The integrator closed it over the API.
 * - `ATS_CLOSED`: The ATS states that the role is closed.
 * - `ATS_UNPUBLISHED`: The ATS states that the role is a draft.
 * - `ATS_MISSING_FROM_AUTHORITATIVE_SYNC`: A complete and authoritative sync no longer held the role.
 * - `LOCAL_HOLD`: We hold the role back, whatever the client says: our services do, as `operations.matching.hold` says, or a rollback does, as `hold` says.
 * - `ATS_INTEGRATION_DEACTIVATED`: An operator deactivated the integration that mirrors the role.
 */
export type PublicationStatusCloseReason = "CLOSE_REASON_UNSPECIFIED" | "CLOSED_BY_INTEGRATOR" | "ATS_CLOSED" | "ATS_UNPUBLISHED" | "ATS_MISSING_FROM_AUTHORITATIVE_SYNC" | "LOCAL_HOLD" | "ATS_INTEGRATION_DEACTIVATED";

/** Whether a job is offered. */
export interface PublicationStatusInput {
  /** The state. Written by CloseJob, approvals and syncs. */
  state?: PublicationStatusState;
  /** False where only people with the link may see it: it isn't published. */
  listed?: boolean;
}

/**
 * The states. Only an OPEN job is published and matched.
 *
 * - `STATE_UNSPECIFIED`: Not stated.
 * - `OPEN`: The client offers the role.
 * - `CLOSED`: The client doesn't, or we hold it back. A closed role isn't matched.
 * - `PENDING_APPROVAL`: A direct job that waits for an approval, since it was posted or its content was changed under an approval policy. See ApprovePosting.
 * - `RETURNED`: A direct job whose approval was refused. A change of its content makes it pending again.
 */
export type PublicationStatusState = "STATE_UNSPECIFIED" | "OPEN" | "CLOSED" | "PENDING_APPROVAL" | "RETURNED";

/** An open and listed job as a careers page shows it. Nothing of how the work is run, and nothing of the client's own systems. */
export interface PublishedJob {
  /** The job. */
  jobId: string;
  /** The employer that the job belongs to. */
  employerUserId?: string;
  /** What the work is. `external_reference` and `requisition_id` are left empty. */
  jobContent?: JobContent;
  /** What the job pays. */
  payRange?: PayRange;
  /** Where workers apply. */
  applicationDestination?: ApplicationDestination;
  /** When anything of it changed last. */
  updateTime?: string;
}

/** What is left of a rate limit. */
export interface RateLimitState {
  /** Calls in a window. */
  limit?: string;
  /** Calls left in this window. */
  remaining?: string;
  /** When the window ends. */
  resetAfter?: string;
  /** The window's length. */
  window?: string;
}

/** What workers must pass before the first shift. */
export interface Readiness {
  /** The names of the checks, for example `safety_briefing`. */
  checks?: string[];
}

/** What workers must pass before the first shift. */
export interface ReadinessInput {
  /** The names of the checks, for example `safety_briefing`. */
  checks?: string[];
}

/** Asks for applications to forward. */
export interface ReceiveApplicationsRequest {
  /** Only those of this integration. Empty: of all that the key reaches. */
  integrationId?: string;
}

/** An application for the agent to forward, or a sign of life. */
export interface ReceivedApplication {
  /** The application. Absent: nothing waits; sent when the stream opens and every 15 seconds after that. */
  application?: Application;
  /** Names the attempt in the report. */
  attempt?: number;
  /** The provider's board or tenant, as the integration names it. */
  board?: string;
  /** What the client is to get. */
  content?: ApplicationContent;
  /** Until when the report is awaited; after that the application is UNCERTAIN. */
  reportByTime?: string;
}

/** Asks the server to record a drill. */
export interface RecordDrillRequest {
  /** What was rehearsed. */
  kind: "REPLAY" | "TIME_OUT" | "HALF_FEED" | "HELD_CLOSE" | "ROTATION" | "ROLLBACK" | "RECOVERY";
  /** Only what happened at or after this time counts. Absent: all that is kept. */
  sinceTime?: string;
}

/** A doubt about a field of a record, or the reason for which it was refused. */
export interface RecordNote {
  /** A word in UPPER_SNAKE_CASE, from an open list. Of rejections, for example, `MARKUP_TOO_COMPLEX`: a text's HTML nests too deep or leaves too many elements open; `RECORD_UNREADABLE`: reading the record takes more memory or time than any record may. Both want shorter HTML that closes its elements. */
  code?: string;
  /** The member of the record as the provider spells it. Empty: the record as a whole. */
  field?: string;
  /** One sentence for people. */
  message?: string;
}

/** What became of one record. */
export interface RecordOutcome {
  /** Its place in the request, from 0; in a feed, from the feed's beginning. */
  index?: number;
  /** The provider's id. Empty: it couldn't be read. */
  externalJobId?: string;
  /** The mirror. Empty for a record that was rejected and has none. */
  jobId?: string;
  /** What became of it. */
  outcome?: RecordOutcomeOutcome;
  /** The fields that changed, in JSON spelling, in alphabetical order. */
  changedFields?: string[];
  /** What was kept although something about it was off. */
  warnings?: RecordNote[];
  /** Why it couldn't be taken, field by field. */
  rejections?: RecordNote[];
}

/**
 * The outcomes.
 *
 * - `OUTCOME_UNSPECIFIED`: Not stated.
 * - `CREATED`: It made a mirror.
 * - `UPDATED`: It changed its mirror.
 * - `UNCHANGED`: It equals the stored job; only the time it was seen was written.
 * - `REOPENED`: It brought a closed role back, under the same id.
 * - `CLOSED`: Its status closed the role.
 * - `REJECTED`: It couldn't be taken; `rejections` say why. Where its id could be read it counts as seen, so that its role isn't closed.
 * - `STALE_SKIPPED`: It is older than what is known.
 */
export type RecordOutcomeOutcome = "OUTCOME_UNSPECIFIED" | "CREATED" | "UPDATED" | "UNCHANGED" | "REOPENED" | "CLOSED" | "REJECTED" | "STALE_SKIPPED";

/** Which events to queue for an endpoint. */
export interface RecoverEndpointBody {
  /** The events that happened at or after this time. Not before the earliest that is kept. */
  since: string;
  /** The events that happened before this time, later than `since`. Absent: all until now. */
  until?: string;
  /** True: only count, and queue nothing. */
  validateOnly?: boolean;
  /** The `next_page_token` of the call before, with the same times. Empty: from the first event. */
  pageToken?: string;
}

/** What was queued. */
export interface RecoverEndpointResponse {
  /** How many events this call queued, or would have with `validate_only`. */
  queuedCount?: number;
  /** How many of the endpoint's events this call found delivered or waiting. */
  skippedCount?: number;
  /** The token for the events that follow. Empty: there are none. */
  nextPageToken?: string;
}

/** Which delivery to send again. */
export type RedeliverBody = Record<string, never>;

/** Releases the holds of a rollback. */
export interface ReleaseHoldsBody {
  /** Why; kept in the audit log. */
  reason: string;
}

/** Releases a job. */
export interface ReleaseJobBody {
  /** `sandbox` or `production`. */
  environment: "sandbox" | "production";
  /** Why; kept in the audit log. */
  reason?: string;
}

/** An answer to the reviewers. */
export interface ReplyToReviewBody {
  /** What to say. */
  text: string;
}

/** What became of an application that an agent received. */
export interface ReportApplicationBody {
  /** The attempt, as it was received. */
  attempt: number;
  /** What became of it. */
  outcome: "FORWARDED" | "REFUSED" | "NOT_SENT" | "UNCERTAIN";
  /** Its id in the client's ATS. Only with FORWARDED; empty: the ATS gave none. */
  remoteId?: string;
  /** The HTTP status of the ATS's answer. 0: it gave none. */
  targetStatus?: number;
}

/**
 * Outcome of the agent's attempt.
 *
 * - `OUTCOME_UNSPECIFIED`: Not an outcome.
 * - `FORWARDED`: The ATS has it.
 * - `REFUSED`: The ATS refused it.
 * - `NOT_SENT`: No byte of it was sent: it is sent again later.
 * - `UNCERTAIN`: The agent can't tell.
 */
export type ReportApplicationRequestOutcome = "OUTCOME_UNSPECIFIED" | "FORWARDED" | "REFUSED" | "NOT_SENT" | "UNCERTAIN";

/** Asks the applicant something. */
export interface RequestInfoBody {
  /** What the applicant reads. */
  question: string;
  /** The etag that was read. Empty: whatever it is now. */
  etag?: string;
  /** A note that never leaves ops. */
  internalNote?: string;
}

/** One call of a known key, answered or refused. It holds nothing of what was sent or replied: no body, no value of a field, no id of an object. */
export interface RequestLog {
  /** The call's id, `req_…`: that of its reply, its errors and its log lines. */
  requestId?: string;
  /** The caller's own `X-Request-Id`. Empty: it sent none. */
  clientRequestId?: string;
  /** When the call ended. It began `duration` before. */
  endTime?: string;
  /** How long it took on the server; of a stream, how long it was open. */
  duration?: string;
  /** How it came. */
  transport?: RequestLogTransport;
  /** The full name of the method, `xaigh.jobs.v1.JobsService.GetJob`. */
  method?: string;
  /** The route of the method as a template, `GET /v1/jobs/{job_id}`, for calls over gRPC as well. */
  route?: string;
  /** The key that called. It may have ended by then: `reason` says so. */
  keyId?: string;
  /** The organization of the key. */
  organizationId?: string;
  /** The environment of the key: `sandbox` or `production`. */
  environment?: string;
  /** The code of the outcome, `ok` or `invalid_argument`. `cancelled`: the caller hung up. */
  code?: string;
  /** The reason of a refusal, `FIELD_INVALID`. Empty: the call was answered. */
  reason?: string;
  /** What to do about the refusal. Empty: the call was answered. */
  cure?: string;
  /** The fields that broke their rules, twenty at most. */
  violations?: RequestLogViolation[];
  /** The idempotency key that the call carried. Empty: none. */
  idempotencyKey?: string;
  /** True where the reply was that of an earlier call with the same idempotency key. */
  replayed?: boolean;
  /** The audit events of the call, twenty at most. These lists, and the record below, are filled where one call is read by its id. What concerns employers off the grant of the key that reads is left out. */
  auditEvents?: RequestLogAuditEventRef[];
  /** The sync events that it caused, twenty at most. */
  syncEvents?: RequestLogSyncEventRef[];
  /** The webhook events that it caused, twenty at most. They are there a moment after the call. */
  events?: RequestLogEventRef[];
  /** What is kept under the call's idempotency key by now. Absent: the call carried none, or no call under it was answered, or the record has expired. */
  idempotencyRecord?: RequestLogIdempotencyRecordRef;
}

/** An audit event that the call left. */
export interface RequestLogAuditEventRef {
  /** Its chain, `sandbox/org_…`. */
  chain?: string;
  /** Its position in the chain. */
  sequence?: string;
  /** What was done, `job.posted`. */
  action?: string;
  /** True where it was refused. */
  refused?: boolean;
}

/** A webhook delivery of an event. */
export interface RequestLogDeliveryRef {
  /** The delivery. */
  deliveryId?: string;
  /** To whom. */
  endpointId?: string;
  /** How it stands. */
  state?: DeliveryState;
}

/** A webhook event that the call caused, with its deliveries. */
export interface RequestLogEventRef {
  /** The event. */
  eventId?: string;
  /** Its type, `job.created`. */
  eventType?: string;
  /** Its deliveries, newest first. */
  deliveries?: RequestLogDeliveryRef[];
}

/** What is kept of the first call under an idempotency key, so that repeats get its reply. */
export interface RequestLogIdempotencyRecordRef {
  /** When the first call was answered. */
  createTime?: string;
  /** Until when repeats get its reply. Then the key is free again. */
  expireTime?: string;
  /** The first call, `req_…`. Empty: the log doesn't have it. */
  requestId?: string;
}

/** A sync event that the call caused. */
export interface RequestLogSyncEventRef {
  /** The event. */
  eventId?: string;
  /** What it did to the job. */
  type?: AtsJobSyncEventType;
  /** The job. */
  jobId?: string;
}

/**
 * How a call came.
 *
 * - `TRANSPORT_UNSPECIFIED`: Not a transport.
 * - `REST`: HTTP and JSON.
 * - `GRPC`: gRPC.
 */
export type RequestLogTransport = "TRANSPORT_UNSPECIFIED" | "REST" | "GRPC";

/** One field that broke its rule. */
export interface RequestLogViolation {
  /** The field's path as in JSON, `job.title`. Keys of maps are left out. */
  field?: string;
  /** The rule that it breaks. Quoted values are left out. */
  description?: string;
}

/** Sends an application again. */
export interface ResendApplicationBody {
  /** `sandbox` or `production`. */
  environment: "sandbox" | "production";
  /** The revision that was read. */
  etag: string;
  /** Why; kept with the application and in the audit log. No personal data. */
  reason: string;
}

/** A document about the worker. */
export interface Resume {
  /** The file's name, without folders. */
  fileName?: string;
  /** The file's media type. */
  contentType?: string;
  /** The file, 5 MiB at most. */
  content?: string;
}

/** A document about the worker. */
export interface ResumeInput {
  /** The file's name, without folders. */
  fileName: string;
  /** The file's media type. */
  contentType: "application/pdf" | "application/msword" | "application/vnd.openxmlformats-officedocument.wordprocessingml.document" | "application/vnd.oasis.opendocument.text" | "application/rtf" | "text/plain";
  /** The file, 5 MiB at most. */
  content: string;
}

/** Resumes an organization. */
export interface ResumeOrganizationBody {
  /** Why; kept in the audit log. */
  reason?: string;
}

/** Ends an integration of the sandbox. */
export type RetireIntegrationBody = Record<string, never>;

/** Returns a posting. */
export interface ReturnPostingBody {
  /** What has to change, in words for the integrator; shown as `publicationStatus.returnReason` and kept in the audit log. */
  reason: string;
  /** The revision that was read. Empty: whatever it is. */
  etag?: string;
}

/** What a reviewer found on one aspect, as sent with an approval. */
export interface ReviewFinding {
  /** The evidence that was reviewed. */
  aspect: "DATA_CLASS" | "EMPLOYER_AUTHORITY" | "REQUESTED_SCOPES" | "ROUTE_RISK" | "INTEGRATION_READINESS";
  /** What was found, in a few words. */
  finding: string;
  /** What led to it. */
  note: string;
}

/** Revokes a grant. */
export interface RevokeGrantBody {
  /** Why; kept in the audit log. */
  reason: string;
}

/** Revokes a key. */
export interface RevokeKeyBody {
  /** Why; kept in the audit log. */
  reason: string;
  /** Whether somebody else may have the key. The webhook endpoints that it made, or whose URL it set last, are then disabled as well, within a second or so. A key that is revoked already may be said to have leaked afterwards. Absent: false. */
  leaked?: boolean;
}

/** Revokes the key of the call. */
export interface RevokeSelfRequest {
  /** Why, if the holder wants to say. */
  reason?: string;
}

/** Mirrored roles, counted. */
export interface RoleCounts {
  /** All of them. */
  managed?: number;
  /** Those that the client offers. */
  open?: number;
  /** Those that it doesn't. */
  closed?: number;
}

/** The rollback of a key: the key is revoked first, then the open jobs that it posted are held. A held job isn't published and doesn't match. */
export interface Rollback {
  /** The public id, `rbk_…`. Empty for a preview. */
  rollbackId?: string;
  /** How far it is. */
  state?: RollbackState;
  /** The key that is rolled back. */
  keyId?: string;
  /** The key and its rotated predecessors, newest first: their jobs are held, and those that still work are revoked. */
  keyIds?: string[];
  /** The tenant. */
  organizationId?: string;
  /** `sandbox` or `production`. */
  environment?: string;
  /** Jobs posted at this time or later are held. */
  since?: string;
  /** Why. The organization reads it on the held jobs. */
  reason?: string;
  /** The operator that rolled the key back. */
  operator?: string;
  /** When the key was rolled back. Absent for a preview. */
  createTime?: string;
  /** When the last job was held. Absent while it is HOLDING. */
  holdTime?: string;
  /** When the last hold was released. Absent: some may stand. */
  releaseTime?: string;
  /** How many jobs it holds, would hold, or held before the release. */
  jobCount?: number;
  /** These jobs in the order of their posting, the first 1,000. */
  jobs?: RollbackHeldJob[];
}

/** A job that a rollback holds. */
export interface RollbackHeldJob {
  /** The public id, `job_…`. */
  jobId?: string;
  /** The employer that the job is for. */
  employerUserId?: string;
  /** The title. */
  title?: string;
  /** When it was posted. */
  createTime?: string;
}

/** Takes a key back together with what it did. */
export interface RollbackKeyBody {
  /** Jobs posted at this time or later are held. It doesn't lie ahead. */
  since: string;
  /** Why; kept in the audit log, and shown to the organization on the held jobs. */
  reason: string;
  /** True lists the jobs that would be held, and writes nothing. */
  validateOnly?: boolean;
}

/**
 * How far a rollback is.
 *
 * - `STATE_UNSPECIFIED`: Only previewed: nothing was written.
 * - `HOLDING`: The key is revoked; some jobs may not be held yet. The server goes on by itself, and repeating the call completes it.
 * - `HELD`: The key is revoked, and every job is held.
 * - `RELEASING`: Some holds may not be released yet. The server goes on by itself, and repeating the call completes it.
 * - `RELEASED`: Every hold of this rollback is released. The key stays revoked.
 */
export type RollbackState = "STATE_UNSPECIFIED" | "HOLDING" | "HELD" | "RELEASING" | "RELEASED";

/** Names an integration of your own. */
export type RotateForwardSecretBody = Record<string, never>;

/** A new secret. */
export interface RotateForwardSecretResponse {
  /** The integration. */
  integrationId?: string;
  /** The secret, `whsec_…`, as libraries of Standard Webhooks take it. Shown once; empty in a replay. */
  secret?: string;
  /** Until when the secret before signs as well. Absent: there was none. */
  previousExpireTime?: string;
}

/** Replaces a key. */
export interface RotateKeyBody {
  /** For how long the old key goes on working. 0: not at all. Capped by a setting, seven days by default. */
  grace?: string;
  /** Why; kept in the audit log. */
  reason?: string;
  /** Why the key is shown in clear although the ticket has a recipient to encrypt it to. */
  clearReason?: string;
  /** The etag that was read. Empty: whatever it is now. */
  etag?: string;
}

/** Which endpoint gets a new secret. */
export interface RotateSecretBody {
  /** For how many seconds the current secret signs as well. Absent: 86,400, a day. 0: not at all. At most 604,800, a week. */
  overlapSeconds?: number;
}

/** One method that a scope opens. */
export interface RouteRisk {
  /** `POST /v1/jobs/post`. */
  route?: string;
  /** `LOW`, `MEDIUM` or `HIGH`. */
  risk?: string;
}

/** What an organization's sandbox traffic shows. */
export interface SandboxReadiness {
  /** Calls in all. */
  calls?: string;
  /** Writes that were repeated with the same idempotency key and replayed. */
  idempotentReplays?: string;
  /** Calls that were refused with 400, 409, 412, 422, 429 or 5xx and succeeded later with the same method and the same idempotency key or resource. */
  recoveredErrors?: string;
  /** The first call. Absent: none. */
  firstCallTime?: string;
  /** The last call. Absent: none. */
  lastCallTime?: string;
  /** True where production's evidence is there. */
  sufficient?: boolean;
  /** When a key of the sandbox was last rolled back, with jobs to hold: the rollback plan was rehearsed. Absent: never. */
  rollbackRehearsalTime?: string;
  /** How many jobs that rollback held. */
  rollbackRehearsalJobs?: number;
}

/** One scope of a request, against the catalogue. */
export interface ScopeReview {
  /** The scope by name. */
  scope?: string;
  /** True where the catalogue has it. */
  known?: boolean;
  /** True where it can be granted to an integrator today. */
  mintable?: boolean;
  /** True where production needs two operators. */
  highRisk?: boolean;
  /** What it allows, in a sentence. */
  summary?: string;
  /** The methods that it opens, as `POST /v1/jobs/post`, each with its risk. */
  routes?: RouteRisk[];
}

/** A key, encrypted to the ticket's age recipient. */
export interface SealedKey {
  /** The key's public id. */
  keyId?: string;
  /** `sandbox` or `production`. */
  environment?: string;
  /** The age file in ASCII armor. Open it with any age tool, or with `xaigh keys open`. */
  sealedKey?: string;
  /** When it was issued. */
  issuedTime?: string;
}

/** Which endpoint to test. */
export type SendTestBody = Record<string, never>;

/** Sets a policy. */
export interface SetApprovalPolicyBody {
  /** The organization that posts for the employer. */
  organizationId: string;
  /** `sandbox` or `production`. */
  environment: "sandbox" | "production";
  /** True: what is posted waits for an approval. False lifts the policy. */
  approvalRequired?: boolean;
  /** Why; kept in the audit log. */
  reason: string;
  /** The revision that was read. Empty: whatever it is. */
  etag?: string;
}

/** Settles an UNCERTAIN application. */
export interface SettleApplicationBody {
  /** `sandbox` or `production`. */
  environment: "sandbox" | "production";
  /** The revision that was read. */
  etag: string;
  /** What became of it: FORWARDED, REFUSED or FAILED. */
  state: "FORWARDED" | "REFUSED" | "FAILED";
  /** Its id in the client's ATS, where the client told it. Only with FORWARDED. */
  remoteId?: string;
  /** How you know; kept with the application and in the audit log. No personal data. */
  reason: string;
}

/** Proposes a narrower grant. What is left empty stays as it is: without any change the reply says what is never used. A tier, an allowance and an end can't be replayed, so they aren't here. */
export interface SimulateGrantBody {
  /** The scopes that would stay. */
  scopes?: string[];
  /** The key types that would stay. */
  keyTypes?: Array<"sk" | "pk">;
  /** The employers that would stay. */
  employerUserIds?: string[];
}

/** Takes a request into review. */
export interface StartReviewBody {
  /** The etag that was read. Empty: whatever it is now. */
  etag?: string;
  /** A note that never leaves ops. */
  internalNote?: string;
}

/** A request for access. The first seven fields are required. */
export interface SubmitAccessRequestRequest {
  /** The company that asks. */
  companyName: string;
  /** The person that asks. */
  contactName: string;
  /** Where that person is reached. */
  contactEmail: string;
  /** What the access is for. */
  useCase: string;
  /** Scopes by name, for example `jobs:write`. */
  requestedScopes: string[];
  /** Calls a month, as a guess. It never caps anything. */
  monthlyVolumeEstimate: number;
  /** Where events go: https in production. */
  callbackUrl: string;
  /** What operators need covered when the integration fails. Production needs it before it is approved. */
  failureMode?: string;
  /** Which kinds of data the integration touches. */
  dataClasses?: string[];
  /** `sandbox`, `production`. Empty means both. */
  environments?: Array<"sandbox" | "production">;
  /** `sk`, `pk`. Empty means `sk`. */
  keyTypes?: Array<"sk" | "pk">;
  /** The employers that the applicant speaks for. */
  employerUserIds?: string[];
  /** Where sandbox events go, if elsewhere than `callback_url`. */
  sandboxCallbackUrl?: string;
  /** An age recipient, `age1…`: issued keys are encrypted to it. */
  sealTo?: string;
}

/** An application for a role. */
export interface SubmitApplicationBody {
  /** `sandbox` or `production`. One of the sandbox never leaves for a target of production. */
  environment: "sandbox" | "production";
  /** What the client is to get. */
  content: ApplicationContentInput;
}

/** Suspends an organization. */
export interface SuspendOrganizationBody {
  /** Why; kept in the audit log and shown to operators. */
  reason: string;
}

/** Outcomes, counted. */
export interface SyncCounts {
  /** Records that made a mirror. */
  created?: number;
  /** Records that changed a mirror. */
  updated?: number;
  /** Records equal to their stored job. */
  unchanged?: number;
  /** Records that brought a closed role back. */
  reopened?: number;
  /** Records whose status closed a role. */
  closed?: number;
  /** Records that couldn't be taken. */
  rejected?: number;
  /** Records older than what is known. */
  staleSkipped?: number;
}

/** One message, or one line, of a feed: an opening, then records, then a completion. */
export interface SyncFeedRequest {
  /** The first one: what the feed is. At most one of `open`, `job`, `normalizedJob`, `complete`. */
  open?: FeedOpen;
  /** A record of the provider's, verbatim. At most one of `open`, `job`, `normalizedJob`, `complete`. */
  job?: { [member: string]: unknown };
  /** A normalized record. At most one of `open`, `job`, `normalizedJob`, `complete`. */
  normalizedJob?: NormalizedJob;
  /** The last one: the feed is whole. A stream that ends without it leaves the run open, to be resumed. At most one of `open`, `job`, `normalizedJob`, `complete`. */
  complete?: FeedComplete;
}

/** One message of the answer to a feed. */
export interface SyncFeedResponse {
  /** What became of a record. At most one of `outcome`, `batch`, `summary`. */
  outcome?: RecordOutcome;
  /** What became of a batch. At most one of `outcome`, `batch`, `summary`. */
  batch?: FeedBatch;
  /** The last message: the state of the run. At most one of `outcome`, `batch`, `summary`. */
  summary?: SyncRun;
}

/** A batch of a feed. */
export interface SyncJobsRequest {
  /** The provider. It may be left out where `integration_id` is given. */
  provider?: AtsJobLinkProvider;
  /** The employer that the records belong to. It may be left out where the integration speaks for one employer alone. */
  employerUserId?: string;
  /** The integration. Empty: the one of the provider and the employer, of which there must be exactly one. */
  integrationId?: string;
  /** Records as the provider gives them, one object each, verbatim. An object of the form of NormalizedJob is taken as such. Numbers are doubles, as in all of JSON's own tools: send an id past 2^53 as a string. At most 200 records in all. */
  jobs?: Array<{ [member: string]: unknown }>;
  /** Records that are normalized already, typed. */
  normalizedJobs?: NormalizedJob[];
  /** The run that the batch belongs to, an id of the caller's own choice. Empty: the batch stands alone. */
  syncRunId?: string;
  /** The batch's place in its run, from 0. Required with `sync_run_id`. Batches may come in any order. The same one again is answered as it was then; with other content it is refused with BATCH_CONFLICT. */
  batchIndex?: number;
  /** True: this batch is the last one of its run, and `expected_total` says how many ids the run holds. The run is complete once as many came. */
  complete?: boolean;
  /** How many distinct ids the whole feed holds. Required with `complete` in a run, and for a batch that stands alone, closes and holds 200 records. Otherwise, and absent: what this batch holds. */
  expectedTotal?: number;
  /** True: once the run is complete, close the open roles of the integration that it didn't hold. A batch that stands alone is then a whole run. */
  closeMissing?: boolean;
  /** When the feed was read. For providers that don't date their records, an older reading never overwrites a newer one. Absent: when the run begins. */
  generatedAt?: string;
  /** True: answer as if, and write nothing. Needs no idempotency key. */
  validateOnly?: boolean;
}

/** What became of one batch. */
export interface SyncJobsResponse {
  /** The run that the batch belongs to. Of a dry run that names none, an id that no run has. */
  syncRunId?: string;
  /** The integration. */
  integrationId?: string;
  /** The batch's place in its run. */
  batchIndex?: number;
  /** The outcomes of this batch, counted. */
  counts?: SyncCounts;
  /** One entry a record, in the order of the request: those of `jobs` first, then those of `normalized_jobs`. */
  outcomes?: RecordOutcome[];
  /** The run after this batch. Of a dry run, what it would be. */
  run?: SyncRun;
  /** True for a dry run (`validate_only`): nothing was written. */
  validateOnly?: boolean;
  /** True where the batch came before: this is the answer that it got then. */
  replayed?: boolean;
}

/** One reading of a feed. */
export interface SyncRun {
  /** The id: the caller's, or `run_…` of a batch without one. That of a dry run is not kept. */
  syncRunId: string;
  /** The integration. */
  integrationId?: string;
  /** The provider. */
  provider?: AtsJobLinkProvider;
  /** How far it is. */
  state?: SyncRunState;
  /** The employers that its batches named. */
  employerUserIds?: string[];
  /** When its first batch came. */
  beginTime?: string;
  /** When its last batch came. */
  lastBatchTime?: string;
  /** When it ended. Absent while it is open. */
  endTime?: string;
  /** Until when no other run may begin. Absent once the run has ended. */
  leaseExpireTime?: string;
  /** When the caller read the feed, as stated by the caller. */
  generatedAt?: string;
  /** Number of ids in the whole feed, as stated by the caller. Absent: not stated yet. */
  expectedTotal?: number;
  /** How many distinct ids came, rejected records with a readable id included. */
  seenTotal?: number;
  /** Number of records whose id was unreadable. */
  unreadableTotal?: number;
  /** How many batches came, repeats left out. */
  batchTotal?: number;
  /** The outcomes of all batches. */
  counts?: SyncCounts;
  /** What became of the roles that the feed no longer holds. */
  close?: MissingClose;
  /** The fields that too many roles lost at once. Absent: none was held. */
  drift?: FieldDrift;
  /** The organization that the integration belongs to. */
  organizationId?: string;
}

/**
 * How far a run is.
 *
 * - `STATE_UNSPECIFIED`: Not a state.
 * - `OPEN`: It takes batches, and holds the integration's lease.
 * - `COMPLETED`: Every id that was announced came. Only such a run freshens the integration and closes roles.
 * - `INCOMPLETE`: It ended, and the ids that came aren't those announced.
 * - `PARTIAL`: Some records of a feed, as they changed. It announces nothing, takes no lease and closes nothing by absence.
 * - `SUPERSEDED`: A newer run took over after the lease had expired.
 * - `EXPIRED`: The lease expired, and no batch came since; or its integration was deactivated.
 */
export type SyncRunState = "STATE_UNSPECIFIED" | "OPEN" | "COMPLETED" | "INCOMPLETE" | "PARTIAL" | "SUPERSEDED" | "EXPIRED";

/** State of the syncs: in total, per provider and per integration. */
export interface SyncStatus {
  /** How many providers have an integration. */
  providerCount?: number;
  /** The sums over all integrations that the filters let through. */
  totals?: RoleCounts;
  /** One entry a provider, in the order of the enum. */
  providers?: ProviderStatus[];
  /** One entry an integration, in the order of their making. */
  integrations?: IntegrationStatus[];
  /** Who writes which field of a mirrored job. */
  fieldOwnership?: FieldOwnership[];
  /** The moment that all of it holds for. */
  statusTime?: string;
}

/** One message between applicant and reviewers. */
export interface ThreadMessage {
  /** Who wrote it. */
  author?: ThreadMessageAuthor;
  /** What was written. */
  text?: string;
  /** When. */
  createTime?: string;
  /** The operator's name. Empty for the applicant, and in what applicants see. */
  operator?: string;
}

/**
 * Who wrote it.
 *
 * - `AUTHOR_UNSPECIFIED`: Nobody known.
 * - `APPLICANT`: The applicant.
 * - `REVIEWER`: A reviewer; applicants don't see which.
 */
export type ThreadMessageAuthor = "AUTHOR_UNSPECIFIED" | "APPLICANT" | "REVIEWER";

/** The receipt of a request: a ticket, not a credential. */
export interface Ticket {
  /** The public id, `tkt_…`. */
  ticketId?: string;
  /** Always SUBMITTED. */
  state?: AccessRequestState;
  /** When it was sent. */
  submittedTime?: string;
  /** Opens the ticket's status, in the header `X-Status-Token`. Shown once; a repeat with the same idempotency key omits it. */
  statusToken?: string;
  /** What happens next, in sentences. */
  nextSteps?: string[];
}

/** State of a request for its applicant, without internal facts. */
export interface TicketStatus {
  /** The ticket. */
  ticketId?: string;
  /** State of the request. */
  state?: AccessRequestState;
  /** Counts up from 1 with each amendment. */
  revision?: number;
  /** The submitted form. */
  form?: AccessRequestForm;
  /** Review of each environment, without proposals and names. */
  environments?: EnvironmentStatus[];
  /** What was written, oldest first. */
  thread?: ThreadMessage[];
  /** When it was sent. */
  submittedTime?: string;
  /** When it last changed. */
  updateTime?: string;
  /** When the request expires without another step. Absent once it is closed. */
  expireTime?: string;
  /** The public reason of a denial; empty otherwise. */
  denialReason?: string;
  /** What happens next, in sentences. */
  nextSteps?: string[];
  /** What of the request is proven to be the applicant's, the domain first. */
  proofs?: OwnershipProof[];
  /** How to prove the rest. */
  ownershipInstructions?: OwnershipInstructions;
}

/** What a tier of the rate limit carries. */
export interface TierCapacity {
  /** The name, as an approval gives it. */
  tier?: string;
  /** Its limits in words, as `120 calls in 60 s`. Several hold together. */
  limits?: string[];
  /** What it carries at most, calls in 30 days. */
  monthlyCapacity?: string;
}

/** What was used. */
export interface UsageReport {
  /** By day, key and method. */
  rows?: UsageRow[];
  /** Calls in all. */
  calls?: string;
  /** Billable calls in all. */
  billableCalls?: string;
  /** The first day of the report. */
  startDate?: string;
  /** The last day of the report. */
  endDate?: string;
}

/** Calls of one key to one method on one day. */
export interface UsageRow {
  /** The day, as `2026-11-22`, UTC. */
  day?: string;
  /** The key's public id. */
  keyId?: string;
  /** The method's full name. */
  method?: string;
  /** The tenant. */
  organizationId?: string;
  /** `sandbox` or `production`. */
  environment?: string;
  /** The tier that the key had. */
  tier?: string;
  /** True in production alone. */
  billable?: boolean;
  /** Calls. A replay counts once with its first call. */
  calls?: string;
  /** Name of the organization. */
  organizationName?: string;
}

/** A key that was presented to another service, and what it is to do there. */
export interface VerifyKeyRequest {
  /** The key as it was presented. */
  presentedKey: string;
  /** The address that it came from: checked against the key's networks. Empty: not known, and a key that has networks is refused with PEER_REQUIRED. */
  peerAddress?: string;
  /** The Origin header that it came with, if any: the browser rule applies. */
  origin?: string;
  /** A scope by name. It doesn't tell what a publishable key may call, so such a key is refused, unless all that the scope guards is publishable. At most one of `scope`, `route`. */
  scope?: string;
  /** A route of a product family, or one of this API, which is judged by the rule of its method. The path of a gRPC method is one, too, with POST. At most one of `scope`, `route`. */
  route?: VerifyKeyRequestRoute;
  /** True: the limit is read and not used. */
  peek?: boolean;
}

/** A call of another service, by its route. */
export interface VerifyKeyRequestRoute {
  /** The HTTP method, in capitals. */
  httpMethod: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The path, without a query. */
  path: string;
}

/** The guessed volume against the tiers. */
export interface VolumeReview {
  /** Calls a month, as guessed. */
  monthlyVolumeEstimate?: number;
  /** The smallest tier that carries it. */
  suggestedTier?: string;
  /** What that tier carries at most, calls a month. */
  tierMonthlyCapacity?: string;
  /** Every tier that a grant can have, the narrowest first. */
  tiers?: TierCapacity[];
}

/** One message of a watch of events. Events come in the order in which they were committed, each once a connection; after a reconnect with the last cursor none is missing. */
export interface WatchedEvent {
  /** Where to go on from after a reconnect. */
  cursor?: string;
  /** The event. Absent for a bookmark, which only says that the watch is alive: sent first, and every 15 seconds without an event. */
  event?: Event;
}

/** Takes a request back. */
export interface WithdrawAccessRequestBody {
  /** Why, if the applicant wants to say. */
  reason?: string;
}

/** Which workers see the job. */
export interface WorkerAudience {
  /** Only members of these pools. Empty: everyone. */
  poolIds?: string[];
  /** These workers don't, whatever their pools. */
  excludedWorkerIds?: string[];
}

/** Which workers see the job. */
export interface WorkerAudienceInput {
  /** Only members of these pools. Empty: everyone. */
  poolIds?: string[];
  /** These workers don't, whatever their pools. */
  excludedWorkerIds?: string[];
}

/** The sums over an employer's jobs at one moment. Closed jobs count only in `closed_jobs`, and those that aren't approved only in `pending_jobs`. */
export interface WorkforceStatus {
  /** The employer. */
  employerUserId?: string;
  /** Jobs that are open. */
  openJobs?: number;
  /** Jobs that are closed or held back. */
  closedJobs?: number;
  /** Open jobs for which workers are sought right now. */
  matchingJobs?: number;
  /** Slots of open jobs. */
  slots?: number;
  /** Slots taken. */
  slotsFilled?: number;
  /** Offers that wait for an answer. */
  openOffers?: number;
  /** Workers expected. */
  expected?: number;
  /** Workers that checked in. */
  checkedIn?: number;
  /** Workers who were expected and didn't check in. */
  noShows?: number;
  /** The moment that the sums hold for. */
  statusTime?: string;
  /** Direct jobs that wait for an approval or were returned. */
  pendingJobs?: number;
}

/** An error. */
export interface Error {
  error: ErrorBody;
}

/** Why a call was refused. */
export interface ErrorBody {
  /** From a closed list. */
  code: "cancelled" | "conflict" | "deadline_exceeded" | "failed_precondition" | "header_too_large" | "idempotency_key_reused" | "insufficient_scope" | "internal" | "invalid_argument" | "length_required" | "method_not_allowed" | "not_acceptable" | "not_found" | "out_of_range" | "payload_too_large" | "permission_denied" | "rate_limited" | "request_timeout" | "unauthenticated" | "unavailable" | "unimplemented" | "unsupported_media_type";
  /** The gRPC code by name. */
  status: string;
  /** From an open list; each response names those it has. */
  reason: string;
  /** One or more sentences for people. */
  message: string;
  /** Names the call. */
  requestId: string;
  /** Facts for programs: `google.rpc` messages by `@type`. */
  details: ErrorDetail[];
}

/** A `google.rpc` message: ErrorInfo, BadRequest, PreconditionFailure, QuotaFailure, RetryInfo, Help. */
export interface ErrorDetail {
  "@type": string;
  [member: string]: unknown;
}

/** An error as RFC 9457 describes it. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** From a closed list. */
  code: "cancelled" | "conflict" | "deadline_exceeded" | "failed_precondition" | "header_too_large" | "idempotency_key_reused" | "insufficient_scope" | "internal" | "invalid_argument" | "length_required" | "method_not_allowed" | "not_acceptable" | "not_found" | "out_of_range" | "payload_too_large" | "permission_denied" | "rate_limited" | "request_timeout" | "unauthenticated" | "unavailable" | "unimplemented" | "unsupported_media_type";
  /** From an open list; each response names those it has. */
  reason: string;
  /** Names the call. */
  requestId: string;
  /** Facts for programs: `google.rpc` messages by `@type`. */
  details: ErrorDetail[];
}

/** An access request was approved for one environment. */
export interface TicketApprovedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "ticket.approved";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: TicketEvent;
}

/** An access request was denied; the public reason is in its status. */
export interface TicketDeniedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "ticket.denied";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: TicketEvent;
}

/** A reviewer asks the applicant something; the question is in the ticket's status. */
export interface TicketNeedsInfoWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "ticket.needs_info";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: TicketEvent;
}

/** A key was issued from a grant. */
export interface KeyIssuedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "key.issued";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: KeyEvent;
}

/** A key was replaced by a new one; the old one ends with its grace. */
export interface KeyRotatedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "key.rotated";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: KeyEvent;
}

/** A key was revoked for good. */
export interface KeyRevokedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "key.revoked";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: KeyEvent;
}

/** A key expires soon; its expiry is in the event. */
export interface KeyExpiringWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "key.expiring";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: KeyEvent;
}

/** A job was posted, or mirrored for the first time. */
export interface JobCreatedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "job.created";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: JobEvent;
}

/** Fields of a job changed; the event names them. */
export interface JobUpdatedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "job.updated";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: JobEvent;
}

/** A job was closed, over the API or by a sync. */
export interface JobClosedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "job.closed";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: JobEvent;
}

/** A closed job came back with a sync. */
export interface JobReopenedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "job.reopened";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: JobEvent;
}

/** A sync run completed. */
export interface AtsRunCompletedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "ats.run.completed";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: AtsEvent;
}

/** A completed run would have closed too many roles; it waits for its confirmation. */
export interface AtsRunHeldWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "ats.run.held";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: AtsEvent;
}

/** Too many roles of a run lost a field at once; the clears wait for their confirmation. */
export interface AtsRunDriftedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "ats.run.drifted";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: AtsEvent;
}

/** No run of an integration completed within its staleness limit. */
export interface AtsStaleWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "ats.stale";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: AtsEvent;
}

/** A job waits for an approval, since it was posted or its content changed under a policy. */
export interface JobPendingWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "job.pending";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: JobEvent;
}

/** A job that waited was approved: it is open. */
export interface JobApprovedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "job.approved";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: JobEvent;
}

/** A job that waited was returned: its status says what has to change. */
export interface JobReturnedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "job.returned";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: JobEvent;
}

/** Every attempt at another endpoint of the organization has failed for an hour; told once until one succeeds. */
export interface EndpointFailingWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "endpoint.failing";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: EndpointEvent;
}

/** Another endpoint of the organization was disabled; the event says why. */
export interface EndpointDisabledWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "endpoint.disabled";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: EndpointEvent;
}

/** The client has an application. */
export interface ApplicationForwardedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "application.forwarded";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: ApplicationEvent;
}

/** The client's side refused an application; the event says why. */
export interface ApplicationRefusedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "application.refused";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: ApplicationEvent;
}

/** Nobody can tell whether the client has an application: an operator decides. */
export interface ApplicationUncertainWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "application.uncertain";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: ApplicationEvent;
}

/** An application didn't reach the client, and no further attempt is made. */
export interface ApplicationFailedWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "application.failed";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: ApplicationEvent;
}

/** Somebody asked for a test of this endpoint; it is sent whatever the endpoint listens to. */
export interface WebhookTestWebhook {
  /** The event's id, equal to the header `webhook-id`; drop ids that you have seen. */
  id: string;
  /** The event type. */
  type: "webhook.test";
  /** When the event happened, not when it was sent. */
  timestamp: string;
  /** `sandbox` or `production`. */
  environment: string;
  /** The organization that the event belongs to. */
  organizationId: string;
  /** The facts of this event. */
  data: TestEvent;
}

/** The `data` of `application.*`. It holds no personal data. */
export interface ApplicationEvent {
  /** The application. */
  applicationId?: string;
  /** The role that it is for. */
  jobId?: string;
  /** The employer of the role. */
  employerUserId?: string;
  /** The state that it is in now. */
  state?: string;
  /** Why, by the name of the cause. Empty where it was forwarded. */
  cause?: string;
}

/** The `data` of `ats.*`. */
export interface AtsEvent {
  /** The integration. */
  integrationId?: string;
  /** The provider, for example `GREENHOUSE`. */
  provider?: string;
  /** The run. Empty for `ats.stale`. */
  syncRunId?: string;
  /** How many roles the run closed. */
  closedCount?: number;
  /** How many closes wait for their confirmation. */
  heldCloseCount?: number;
  /** When the last run completed. Absent: none has. */
  lastCompletedTime?: string;
  /** The employers that the integration speaks for. */
  employerUserIds?: string[];
  /** The fields that wait for ConfirmDrift, for example `pay`. */
  heldFields?: string[];
}

/** The `data` of `endpoint.*`. The endpoint that it is about doesn't receive it. */
export interface EndpointEvent {
  /** The endpoint. */
  endpointId?: string;
  /** Why it was disabled, for example `GONE`. Empty unless it was. */
  disableReason?: string;
  /** Since when every attempt failed. Absent where the last attempt succeeded, or there was none. */
  failingSinceTime?: string;
  /** Number of failed attempts since the last success. */
  failureCount?: number;
}

/** The `data` of `job.*`. */
export interface JobEvent {
  /** The job. */
  jobId?: string;
  /** The employer that the job belongs to. */
  employerUserId?: string;
  /** `DIRECT` or `CLIENT_ATS`. */
  source?: string;
  /** The names of the fields that changed, in JSON spelling and in alphabetical order. Empty where all are new or only the status changed. */
  changedFields?: string[];
  /** The sync run that did it. Empty for a call of the API. */
  syncRunId?: string;
  /** Why the job was closed. Empty unless it was. */
  closeReason?: string;
}

/** The `data` of `key.*`. */
export interface KeyEvent {
  /** The key's public id. */
  keyId?: string;
  /** The grant that the key was issued from. */
  grantId?: string;
  /** `sk` or `pk`. */
  keyType?: string;
  /** The name that the key was given. */
  name?: string;
  /** The key that replaces this one. Empty unless it was rotated. */
  successorKeyId?: string;
  /** When the key ends. Absent: it doesn't. */
  expireTime?: string;
}

/** The `data` of `webhook.test`. */
export interface TestEvent {
  /** The endpoint under test. */
  endpointId?: string;
  /** A friendly sentence. */
  message?: string;
}

/** The `data` of `ticket.*`. */
export interface TicketEvent {
  /** The ticket. */
  ticketId?: string;
  /** The state that the ticket is in now. */
  state?: string;
  /** The environment decided on. Empty where the event isn't a decision. */
  environment?: string;
  /** The grant that an approval made. Empty otherwise. */
  grantId?: string;
}

/** The body of a webhook, told apart by its type. */
export type WebhookBody =
  | TicketApprovedWebhook
  | TicketDeniedWebhook
  | TicketNeedsInfoWebhook
  | KeyIssuedWebhook
  | KeyRotatedWebhook
  | KeyRevokedWebhook
  | KeyExpiringWebhook
  | JobCreatedWebhook
  | JobUpdatedWebhook
  | JobClosedWebhook
  | JobReopenedWebhook
  | AtsRunCompletedWebhook
  | AtsRunHeldWebhook
  | AtsRunDriftedWebhook
  | AtsStaleWebhook
  | JobPendingWebhook
  | JobApprovedWebhook
  | JobReturnedWebhook
  | EndpointFailingWebhook
  | EndpointDisabledWebhook
  | ApplicationForwardedWebhook
  | ApplicationRefusedWebhook
  | ApplicationUncertainWebhook
  | ApplicationFailedWebhook
  | WebhookTestWebhook;
