CREATE TABLE collection (
	slug VARCHAR(100) NOT NULL,
	position INTEGER NOT NULL,
	record JSON NOT NULL,
	document JSON,
	edited BOOLEAN DEFAULT 0 NOT NULL,
	hidden BOOLEAN DEFAULT 0 NOT NULL,
	CONSTRAINT pk_collection PRIMARY KEY (slug)
);

CREATE TABLE curation (
	kind VARCHAR(16) NOT NULL,
	record_id CHAR(32) NOT NULL,
	locked BOOLEAN NOT NULL,
	added BOOLEAN NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_curation PRIMARY KEY (kind, record_id)
);

CREATE TABLE erased_object (
	project_id CHAR(32) NOT NULL,
	oid VARCHAR(64) NOT NULL,
	at DATETIME NOT NULL,
	done_at DATETIME,
	CONSTRAINT pk_erased_object PRIMARY KEY (project_id, oid)
);

CREATE TABLE exchange_root (
	version INTEGER NOT NULL,
	body BLOB NOT NULL,
	CONSTRAINT pk_exchange_root PRIMARY KEY (version)
);

CREATE TABLE fact (
	id INTEGER NOT NULL,
	project_id CHAR(32) NOT NULL,
	field VARCHAR(64) NOT NULL,
	value JSON NOT NULL,
	origin VARCHAR(80) NOT NULL,
	source JSON NOT NULL,
	first_seen_at DATETIME NOT NULL,
	seen_at DATETIME NOT NULL,
	until DATETIME,
	CONSTRAINT pk_fact PRIMARY KEY (id)
);

CREATE INDEX ix_fact_project_id ON fact (project_id);

CREATE TABLE fact_change (
	id INTEGER NOT NULL,
	project_id CHAR(32) NOT NULL,
	at DATETIME NOT NULL,
	kind VARCHAR(16) NOT NULL,
	field VARCHAR(64) NOT NULL,
	origin VARCHAR(80) NOT NULL,
	before_id INTEGER,
	after_id INTEGER,
	facts INTEGER NOT NULL,
	news BOOLEAN NOT NULL,
	CONSTRAINT pk_fact_change PRIMARY KEY (id)
);

CREATE INDEX ix_fact_change_news_id ON fact_change (news, id);

CREATE INDEX ix_fact_change_project_id_id ON fact_change (project_id, id);

CREATE TABLE former_slug (
	kind VARCHAR(16) NOT NULL,
	slug VARCHAR(100) NOT NULL,
	record_id CHAR(32) NOT NULL,
	CONSTRAINT pk_former_slug PRIMARY KEY (kind, slug)
);

CREATE INDEX ix_former_slug_record_id ON former_slug (record_id);

CREATE TABLE imported_list (
	name VARCHAR(60) NOT NULL,
	form VARCHAR(16) NOT NULL,
	license VARCHAR(200) NOT NULL,
	added_at DATETIME NOT NULL,
	read_at DATETIME NOT NULL,
	CONSTRAINT pk_imported_list PRIMARY KEY (name)
);

CREATE TABLE job (
	id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	"key" VARCHAR(200) NOT NULL,
	argument JSON NOT NULL,
	priority INTEGER NOT NULL,
	run_at DATETIME NOT NULL,
	leased_until DATETIME,
	worker VARCHAR(80),
	tries INTEGER NOT NULL,
	error TEXT,
	CONSTRAINT pk_job PRIMARY KEY (id),
	CONSTRAINT uq_job_key UNIQUE ("key")
);

CREATE INDEX ix_job_leased_until ON job (leased_until);

CREATE INDEX ix_job_run_at ON job (run_at);

CREATE TABLE maintainer_inbox (
	project_id CHAR(32) NOT NULL,
	monthly INTEGER NOT NULL,
	CONSTRAINT pk_maintainer_inbox PRIMARY KEY (project_id)
);

CREATE TABLE merged_record (
	kind VARCHAR(16) NOT NULL,
	record_id CHAR(32) NOT NULL,
	into_id CHAR(32) NOT NULL,
	number INTEGER NOT NULL,
	at DATETIME NOT NULL,
	"before" JSON NOT NULL,
	CONSTRAINT pk_merged_record PRIMARY KEY (kind, record_id)
);

CREATE INDEX ix_merged_record_into_id ON merged_record (into_id);

CREATE TABLE message (
	id CHAR(32) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	email VARCHAR(254),
	language VARCHAR(35) NOT NULL,
	argument JSON NOT NULL,
	created_at DATETIME NOT NULL,
	sent_at DATETIME,
	error TEXT,
	CONSTRAINT pk_message PRIMARY KEY (id)
);

CREATE INDEX ix_message_created_at ON message (created_at);

CREATE TABLE message_link (
	id VARCHAR(64) NOT NULL,
	purpose VARCHAR(32) NOT NULL,
	email VARCHAR(254) NOT NULL,
	argument JSON NOT NULL,
	created_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	used_at DATETIME,
	CONSTRAINT pk_message_link PRIMARY KEY (id)
);

CREATE INDEX ix_message_link_email ON message_link (email);

CREATE INDEX ix_message_link_expires_at ON message_link (expires_at);

CREATE TABLE meta (
	"key" VARCHAR(64) NOT NULL,
	value JSON NOT NULL,
	CONSTRAINT pk_meta PRIMARY KEY ("key")
);

CREATE TABLE mirror (
	project_id CHAR(32) NOT NULL,
	repository TEXT NOT NULL,
	canonical_url TEXT,
	state VARCHAR(16) NOT NULL,
	reason TEXT,
	head VARCHAR(64),
	branch TEXT,
	digest VARCHAR(64),
	size_bytes BIGINT,
	failures INTEGER NOT NULL,
	interval_seconds INTEGER NOT NULL,
	first_mirrored_at DATETIME,
	last_visit_at DATETIME,
	last_success_at DATETIME,
	looked_at DATETIME,
	last_commit_at DATETIME,
	free BOOLEAN,
	free_commit VARCHAR(64),
	decided BOOLEAN,
	accepted VARCHAR(64),
	erasing BOOLEAN NOT NULL,
	damaged BOOLEAN NOT NULL,
	checked_at DATETIME,
	observed_at DATETIME,
	observation JSON,
	CONSTRAINT pk_mirror PRIMARY KEY (project_id)
);

CREATE INDEX ix_mirror_checked_at ON mirror (checked_at);

CREATE INDEX ix_mirror_last_commit_at ON mirror (last_commit_at);

CREATE TABLE obstacle (
	id CHAR(32) NOT NULL,
	reference VARCHAR(12) NOT NULL,
	project_id CHAR(32),
	audience VARCHAR(64),
	language VARCHAR(35) NOT NULL,
	record JSON NOT NULL,
	public BOOLEAN NOT NULL,
	state VARCHAR(16) NOT NULL,
	answer JSON,
	at DATETIME NOT NULL,
	changed_at DATETIME NOT NULL,
	CONSTRAINT pk_obstacle PRIMARY KEY (id),
	CONSTRAINT uq_obstacle_reference UNIQUE (reference)
);

CREATE INDEX ix_obstacle_project_id ON obstacle (project_id);

CREATE TABLE organization (
	id CHAR(32) NOT NULL,
	slug VARCHAR(100) NOT NULL,
	name TEXT NOT NULL,
	folded VARCHAR(200) NOT NULL,
	kind VARCHAR(64),
	country VARCHAR(2),
	region VARCHAR(6),
	homepage TEXT,
	curated BOOLEAN NOT NULL,
	record JSON NOT NULL,
	document JSON,
	declared JSON NOT NULL,
	hidden VARCHAR(16),
	peer_id CHAR(32),
	change BIGINT NOT NULL,
	added_at DATETIME NOT NULL,
	changed_at DATETIME NOT NULL,
	CONSTRAINT pk_organization PRIMARY KEY (id),
	CONSTRAINT uq_organization_slug UNIQUE (slug)
);

CREATE INDEX ix_organization_added_at_id ON organization (added_at, id);

CREATE INDEX ix_organization_change ON organization (change);

CREATE INDEX ix_organization_changed_at_slug ON organization (changed_at, slug);

CREATE INDEX ix_organization_country_region ON organization (country, region IS NULL, region, folded, slug);

CREATE INDEX ix_organization_hidden ON organization (id) WHERE hidden IS NOT NULL;

CREATE INDEX ix_organization_listed ON organization (folded, slug, hidden, kind, country, id);

CREATE INDEX ix_organization_peer_id ON organization (peer_id);

CREATE TABLE organization_category (
	organization_id CHAR(32) NOT NULL,
	term VARCHAR(64) NOT NULL,
	CONSTRAINT pk_organization_category PRIMARY KEY (organization_id, term)
)
 WITHOUT ROWID;

CREATE INDEX ix_organization_category_term_organization_id ON organization_category (term, organization_id);

CREATE TABLE peer (
	id CHAR(32) NOT NULL,
	slug VARCHAR(100) NOT NULL,
	address TEXT,
	folder TEXT,
	instance_id CHAR(32) NOT NULL,
	card JSON NOT NULL,
	fingerprint VARCHAR(64) NOT NULL,
	state VARCHAR(16) NOT NULL,
	sequence BIGINT NOT NULL,
	taken BIGINT,
	expires_at DATETIME NOT NULL,
	etag TEXT,
	added_at DATETIME NOT NULL,
	visited_at DATETIME,
	last_good_at DATETIME NOT NULL,
	failures INTEGER NOT NULL,
	refusal JSON,
	root TEXT,
	keys_changed_at DATETIME,
	online_key VARCHAR(64) DEFAULT '' NOT NULL,
	addresses JSON NOT NULL,
	asks JSON NOT NULL,
	allowed JSON NOT NULL,
	notes JSON NOT NULL,
	CONSTRAINT pk_peer PRIMARY KEY (id),
	CONSTRAINT uq_peer_slug UNIQUE (slug),
	CONSTRAINT uq_peer_instance_id UNIQUE (instance_id)
);

CREATE TABLE peer_withdrawal (
	instance_id CHAR(32) NOT NULL,
	kind VARCHAR(16) NOT NULL,
	record_id CHAR(32) NOT NULL,
	n BIGINT NOT NULL,
	online_key VARCHAR(64) NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_peer_withdrawal PRIMARY KEY (instance_id, kind, record_id)
);

CREATE TABLE pending_public_record (
	kind VARCHAR(16) NOT NULL,
	id CHAR(32) NOT NULL,
	CONSTRAINT pk_pending_public_record PRIMARY KEY (kind, id)
);

CREATE TABLE person (
	id CHAR(32) NOT NULL,
	email VARCHAR(254) NOT NULL,
	language VARCHAR(35) NOT NULL,
	role VARCHAR(16),
	created_at DATETIME NOT NULL,
	signed_in_at DATETIME NOT NULL,
	CONSTRAINT pk_person PRIMARY KEY (id),
	CONSTRAINT uq_person_email UNIQUE (email)
);

CREATE TABLE project (
	id CHAR(32) NOT NULL,
	slug VARCHAR(100) NOT NULL,
	name TEXT NOT NULL,
	folded VARCHAR(200) NOT NULL,
	repository TEXT,
	license TEXT,
	context_only BOOLEAN NOT NULL,
	curated BOOLEAN NOT NULL,
	record JSON NOT NULL,
	document JSON,
	change BIGINT NOT NULL,
	added_at DATETIME NOT NULL,
	changed_at DATETIME NOT NULL,
	opted_out_at DATETIME,
	peer_id CHAR(32),
	CONSTRAINT pk_project PRIMARY KEY (id),
	CONSTRAINT uq_project_slug UNIQUE (slug)
);

CREATE INDEX ix_project_added_at_id ON project (added_at, id);

CREATE INDEX ix_project_change ON project (change);

CREATE INDEX ix_project_changed_at_slug ON project (changed_at, slug);

CREATE INDEX ix_project_context_only ON project (id) WHERE context_only IS 1;

CREATE INDEX ix_project_license_context_only_id ON project (license, context_only, id);

CREATE INDEX ix_project_opted_out ON project (id) WHERE opted_out_at IS NOT NULL;

CREATE INDEX ix_project_peer_id ON project (peer_id);

CREATE TABLE public_mention (
	kind VARCHAR(16) NOT NULL,
	id CHAR(32) NOT NULL,
	of_kind VARCHAR(16) NOT NULL,
	of_id CHAR(32) NOT NULL,
	CONSTRAINT pk_public_mention PRIMARY KEY (kind, id, of_kind, of_id)
);

CREATE INDEX ix_public_mention_of_kind_of_id ON public_mention (of_kind, of_id);

CREATE TABLE public_record (
	kind VARCHAR(16) NOT NULL,
	id CHAR(32) NOT NULL,
	slug VARCHAR(100) NOT NULL,
	change BIGINT NOT NULL,
	version INTEGER NOT NULL,
	card JSON NOT NULL,
	body BLOB NOT NULL,
	CONSTRAINT pk_public_record PRIMARY KEY (kind, id),
	CONSTRAINT uq_public_record_kind_slug UNIQUE (kind, slug)
);

CREATE INDEX ix_public_record_kind_change ON public_record (kind, change);

CREATE TABLE published_record (
	kind VARCHAR(16) NOT NULL,
	record_id CHAR(32) NOT NULL,
	folder VARCHAR(16) NOT NULL,
	shard VARCHAR(3) NOT NULL,
	CONSTRAINT pk_published_record PRIMARY KEY (kind, record_id)
);

CREATE INDEX ix_published_record_folder_shard ON published_record (folder, shard);

CREATE TABLE question_consent (
	project_id CHAR(32) NOT NULL,
	organization_id CHAR(32) NOT NULL,
	languages JSON NOT NULL,
	monthly INTEGER NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_question_consent PRIMARY KEY (project_id, organization_id)
);

CREATE INDEX ix_question_consent_organization_id ON question_consent (organization_id);

CREATE TABLE rate_limit_count (
	action VARCHAR(32) NOT NULL,
	subject VARCHAR(64) NOT NULL,
	since DATETIME NOT NULL,
	number INTEGER NOT NULL,
	CONSTRAINT pk_rate_limit_count PRIMARY KEY (action, subject, since)
);

CREATE INDEX ix_rate_limit_count_since ON rate_limit_count (since);

CREATE TABLE remote_host (
	name VARCHAR(255) NOT NULL,
	free_at DATETIME NOT NULL,
	paused_until DATETIME,
	turns JSON NOT NULL,
	CONSTRAINT pk_remote_host PRIMARY KEY (name)
);

CREATE TABLE removed_record (
	kind VARCHAR(16) NOT NULL,
	record_id CHAR(32) NOT NULL,
	change BIGINT NOT NULL,
	CONSTRAINT pk_removed_record PRIMARY KEY (kind, record_id)
);

CREATE INDEX ix_removed_record_change ON removed_record (change);

CREATE TABLE rendering (
	object_id VARCHAR(64) NOT NULL,
	renderer VARCHAR(64) NOT NULL,
	html TEXT,
	CONSTRAINT pk_rendering PRIMARY KEY (object_id, renderer)
);

CREATE TABLE screenshot (
	project_id CHAR(32) NOT NULL,
	object_id VARCHAR(64) NOT NULL,
	width INTEGER NOT NULL,
	renderer VARCHAR(64) NOT NULL,
	webp BLOB,
	reason VARCHAR(32),
	CONSTRAINT pk_screenshot PRIMARY KEY (project_id, object_id, width)
);

CREATE TABLE takedown (
	project_id CHAR(32) NOT NULL,
	slug VARCHAR(100) NOT NULL,
	reason TEXT NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_takedown PRIMARY KEY (project_id)
);

CREATE INDEX ix_takedown_slug ON takedown (slug);

CREATE TABLE tombstone (
	id INTEGER NOT NULL,
	kind VARCHAR(16) NOT NULL,
	record_id CHAR(32) NOT NULL,
	project_id CHAR(32),
	organization_id CHAR(32),
	ground VARCHAR(16) NOT NULL,
	reason TEXT,
	language VARCHAR(35),
	at DATETIME NOT NULL,
	change BIGINT NOT NULL,
	CONSTRAINT pk_tombstone PRIMARY KEY (id),
	CONSTRAINT uq_tombstone_kind_record_id UNIQUE (kind, record_id)
);

CREATE INDEX ix_tombstone_change ON tombstone (change);

CREATE INDEX ix_tombstone_organization_id ON tombstone (organization_id);

CREATE INDEX ix_tombstone_project_id ON tombstone (project_id);

CREATE TABLE upload (
	id INTEGER NOT NULL,
	kind VARCHAR(16) NOT NULL,
	record_id CHAR(32) NOT NULL,
	use VARCHAR(16) NOT NULL,
	object_id VARCHAR(64) NOT NULL,
	language VARCHAR(35) NOT NULL,
	alt TEXT NOT NULL,
	sizes JSON NOT NULL,
	small BLOB NOT NULL,
	large BLOB,
	at DATETIME NOT NULL,
	ended_at DATETIME,
	CONSTRAINT pk_upload PRIMARY KEY (id)
);

CREATE INDEX ix_upload_kind_record_id ON upload (kind, record_id);

CREATE TABLE visit (
	id INTEGER NOT NULL,
	project_id CHAR(32) NOT NULL,
	started_at DATETIME NOT NULL,
	ended_at DATETIME,
	outcome VARCHAR(16) NOT NULL,
	reason TEXT,
	url TEXT,
	address TEXT,
	size_bytes BIGINT,
	changes JSON NOT NULL,
	CONSTRAINT pk_visit PRIMARY KEY (id)
);

CREATE INDEX ix_visit_project_id ON visit (project_id);

CREATE TABLE visit_state (
	project_id CHAR(32) NOT NULL,
	packed BLOB NOT NULL,
	CONSTRAINT pk_visit_state PRIMARY KEY (project_id)
);

CREATE TABLE withdrawal (
	kind VARCHAR(16) NOT NULL,
	record_id CHAR(32) NOT NULL,
	n BIGINT NOT NULL,
	at DATETIME NOT NULL,
	ground VARCHAR(16) NOT NULL,
	returned BOOLEAN NOT NULL,
	learned BOOLEAN NOT NULL,
	CONSTRAINT pk_withdrawal PRIMARY KEY (kind, record_id),
	CONSTRAINT uq_withdrawal_n UNIQUE (n)
);

CREATE TABLE adoption (
	id INTEGER NOT NULL,
	project_id CHAR(32) NOT NULL,
	organization_id CHAR(32) NOT NULL,
	stage VARCHAR(32),
	last_sign VARCHAR(10),
	visibility VARCHAR(16) NOT NULL,
	verification VARCHAR(32) NOT NULL,
	confirmed BOOLEAN NOT NULL,
	stands BOOLEAN NOT NULL,
	confirmed_at DATETIME,
	previous_verification VARCHAR(32),
	asked_at DATETIME,
	origin VARCHAR(80) NOT NULL,
	position INTEGER NOT NULL,
	record JSON NOT NULL,
	CONSTRAINT pk_adoption PRIMARY KEY (id),
	CONSTRAINT fk_adoption_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE,
	CONSTRAINT fk_adoption_organization_id_organization FOREIGN KEY(organization_id) REFERENCES organization (id) ON DELETE CASCADE
);

CREATE INDEX ix_adoption_confirmed ON adoption (id) WHERE confirmed IS 1;

CREATE INDEX ix_adoption_confirmed_project ON adoption (project_id) WHERE confirmed IS 1;

CREATE INDEX ix_adoption_organization_id ON adoption (organization_id);

CREATE INDEX ix_adoption_project_id ON adoption (project_id);

CREATE INDEX ix_adoption_project_id_organization_id ON adoption (project_id, organization_id);

CREATE INDEX ix_adoption_provider ON adoption (json_extract(record, '$.provider')) WHERE json_extract(record, '$.provider') IS NOT NULL;

CREATE TABLE api_token (
	id CHAR(32) NOT NULL,
	digest VARCHAR(64) NOT NULL,
	person_id CHAR(32) NOT NULL,
	name VARCHAR(80) NOT NULL,
	created_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	used_at DATETIME,
	CONSTRAINT pk_api_token PRIMARY KEY (id),
	CONSTRAINT uq_api_token_digest UNIQUE (digest),
	CONSTRAINT fk_api_token_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);

CREATE INDEX ix_api_token_expires_at ON api_token (expires_at);

CREATE INDEX ix_api_token_person_id ON api_token (person_id);

CREATE TABLE call (
	id CHAR(32) NOT NULL,
	reference VARCHAR(12) NOT NULL,
	kind VARCHAR(16) NOT NULL,
	state VARCHAR(16) NOT NULL,
	project_id CHAR(32),
	organization_id CHAR(32),
	language VARCHAR(35) NOT NULL,
	country VARCHAR(2),
	folded TEXT NOT NULL,
	record JSON NOT NULL,
	person_id CHAR(32),
	opened_at DATETIME NOT NULL,
	ends_at DATETIME NOT NULL,
	reminded_at DATETIME,
	ended_at DATETIME,
	change BIGINT NOT NULL,
	CONSTRAINT pk_call PRIMARY KEY (id),
	CONSTRAINT ck_call_open_has_sender CHECK (state <> 'open' OR person_id IS NOT NULL),
	CONSTRAINT uq_call_reference UNIQUE (reference),
	CONSTRAINT fk_call_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE SET NULL
);

CREATE INDEX ix_call_organization_id ON call (organization_id);

CREATE INDEX ix_call_person_id ON call (person_id);

CREATE INDEX ix_call_project_id ON call (project_id);

CREATE INDEX ix_call_state_ends_at ON call (state, ends_at);

CREATE TABLE decision (
	number INTEGER NOT NULL,
	at DATETIME NOT NULL,
	kind VARCHAR(16) NOT NULL,
	subject_kind VARCHAR(16) NOT NULL,
	subject_id CHAR(32) NOT NULL,
	slug VARCHAR(100),
	name TEXT,
	about VARCHAR(32),
	reason VARCHAR(32) NOT NULL,
	words TEXT,
	role VARCHAR(16) NOT NULL,
	concerns INTEGER,
	salt VARCHAR(32),
	text_digest VARCHAR(64) NOT NULL,
	previous VARCHAR(64) NOT NULL,
	digest VARCHAR(64) NOT NULL,
	person_id CHAR(32),
	finding_id INTEGER,
	submission_id CHAR(32),
	"before" JSON NOT NULL,
	CONSTRAINT pk_decision PRIMARY KEY (number),
	CONSTRAINT uq_decision_kind_concerns UNIQUE (kind, concerns),
	CONSTRAINT fk_decision_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE SET NULL
);

CREATE INDEX ix_decision_finding_id ON decision (finding_id);

CREATE INDEX ix_decision_person_id ON decision (person_id);

CREATE INDEX ix_decision_subject_id_number ON decision (subject_id, number);

CREATE INDEX ix_decision_submission_id ON decision (submission_id);

CREATE TABLE experience (
	id CHAR(32) NOT NULL,
	reference VARCHAR(12) NOT NULL,
	project_id CHAR(32) NOT NULL,
	organization_id CHAR(32) NOT NULL,
	language VARCHAR(35) NOT NULL,
	record JSON NOT NULL,
	answer JSON,
	person_id CHAR(32),
	at DATETIME NOT NULL,
	CONSTRAINT pk_experience PRIMARY KEY (id),
	CONSTRAINT uq_experience_project_id_organization_id UNIQUE (project_id, organization_id),
	CONSTRAINT uq_experience_reference UNIQUE (reference),
	CONSTRAINT fk_experience_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE SET NULL
);

CREATE INDEX ix_experience_organization_id ON experience (organization_id);

CREATE INDEX ix_experience_person_id ON experience (person_id);

CREATE INDEX ix_experience_project_id ON experience (project_id);

CREATE TABLE follow (
	id CHAR(32) NOT NULL,
	person_id CHAR(32) NOT NULL,
	project_id CHAR(32) NOT NULL,
	seen JSON NOT NULL,
	line INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	since DATETIME NOT NULL,
	notified_at DATETIME,
	CONSTRAINT pk_follow PRIMARY KEY (id),
	CONSTRAINT uq_follow_person_id_project_id UNIQUE (person_id, project_id),
	CONSTRAINT fk_follow_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);

CREATE INDEX ix_follow_project_id ON follow (project_id);

CREATE TABLE hosting (
	project_id CHAR(32) NOT NULL,
	organization_id CHAR(32) NOT NULL,
	position INTEGER NOT NULL,
	CONSTRAINT pk_hosting PRIMARY KEY (project_id, organization_id),
	CONSTRAINT fk_hosting_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE,
	CONSTRAINT fk_hosting_organization_id_organization FOREIGN KEY(organization_id) REFERENCES organization (id) ON DELETE CASCADE
);

CREATE INDEX ix_hosting_organization_id ON hosting (organization_id);

CREATE TABLE imported_record (
	layer VARCHAR(60) NOT NULL,
	"key" VARCHAR(64) NOT NULL,
	project_id CHAR(32) NOT NULL,
	record JSON NOT NULL,
	CONSTRAINT pk_imported_record PRIMARY KEY (layer, "key"),
	CONSTRAINT fk_imported_record_layer_imported_list FOREIGN KEY(layer) REFERENCES imported_list (name) ON DELETE CASCADE
);

CREATE INDEX ix_imported_record_project_id ON imported_record (project_id);

CREATE TABLE maintainer_reply (
	id INTEGER NOT NULL,
	project_id CHAR(32) NOT NULL,
	person_id CHAR(32),
	field VARCHAR(64) NOT NULL,
	language VARCHAR(35) NOT NULL,
	text TEXT NOT NULL,
	at DATETIME NOT NULL,
	ended_at DATETIME,
	CONSTRAINT pk_maintainer_reply PRIMARY KEY (id),
	CONSTRAINT fk_maintainer_reply_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE SET NULL
);

CREATE INDEX ix_maintainer_reply_project_id ON maintainer_reply (project_id);

CREATE TABLE maintenance (
	id INTEGER NOT NULL,
	project_id CHAR(32) NOT NULL,
	organization_id CHAR(32),
	person TEXT,
	role VARCHAR(32) NOT NULL,
	origin VARCHAR(80) NOT NULL,
	position INTEGER NOT NULL,
	record JSON NOT NULL,
	stated_by VARCHAR(16),
	stated_at DATETIME,
	submission_id CHAR(32),
	CONSTRAINT pk_maintenance PRIMARY KEY (id),
	CONSTRAINT fk_maintenance_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE,
	CONSTRAINT fk_maintenance_organization_id_organization FOREIGN KEY(organization_id) REFERENCES organization (id) ON DELETE CASCADE
);

CREATE INDEX ix_maintenance_organization_id ON maintenance (organization_id);

CREATE INDEX ix_maintenance_project_id ON maintenance (project_id);

CREATE INDEX ix_maintenance_submission_id ON maintenance (submission_id);

CREATE TABLE membership (
	person_id CHAR(32) NOT NULL,
	kind VARCHAR(16) NOT NULL,
	record_id CHAR(32) NOT NULL,
	role VARCHAR(16) NOT NULL,
	since DATETIME NOT NULL,
	CONSTRAINT pk_membership PRIMARY KEY (person_id, kind, record_id),
	CONSTRAINT fk_membership_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);

CREATE INDEX ix_membership_kind_record_id ON membership (kind, record_id);

CREATE TABLE peer_files (
	peer_id CHAR(32) NOT NULL,
	taken JSON NOT NULL,
	CONSTRAINT pk_peer_files PRIMARY KEY (peer_id),
	CONSTRAINT fk_peer_files_peer_id_peer FOREIGN KEY(peer_id) REFERENCES peer (id) ON DELETE CASCADE
);

CREATE TABLE project_term (
	project_id CHAR(32) NOT NULL,
	vocabulary VARCHAR(32) NOT NULL,
	term VARCHAR(64) NOT NULL,
	position INTEGER NOT NULL,
	CONSTRAINT pk_project_term PRIMARY KEY (project_id, vocabulary, term),
	CONSTRAINT fk_project_term_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);

CREATE INDEX ix_project_term_vocabulary_term ON project_term (vocabulary, term, project_id, position);

CREATE TABLE received_record (
	id INTEGER NOT NULL,
	peer_id CHAR(32) NOT NULL,
	kind VARCHAR(16) NOT NULL,
	record_id CHAR(32) NOT NULL,
	body JSON NOT NULL,
	arrived_at DATETIME NOT NULL,
	row_id CHAR(32),
	owns_row BOOLEAN NOT NULL,
	local_id CHAR(32),
	led_to VARCHAR(24),
	CONSTRAINT pk_received_record PRIMARY KEY (id),
	CONSTRAINT uq_received_record_peer_id_kind_record_id UNIQUE (peer_id, kind, record_id),
	CONSTRAINT fk_received_record_peer_id_peer FOREIGN KEY(peer_id) REFERENCES peer (id) ON DELETE CASCADE
);

CREATE INDEX ix_received_record_due ON received_record (id) WHERE led_to IS NULL;

CREATE INDEX ix_received_record_local_id ON received_record (local_id);

CREATE INDEX ix_received_record_record_id ON received_record (record_id);

CREATE INDEX ix_received_record_row_id ON received_record (row_id);

CREATE TABLE relation (
	project_id CHAR(32) NOT NULL,
	type VARCHAR(32) NOT NULL,
	target_id CHAR(32) NOT NULL,
	position INTEGER NOT NULL,
	CONSTRAINT pk_relation PRIMARY KEY (project_id, type, target_id),
	CONSTRAINT fk_relation_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE,
	CONSTRAINT fk_relation_target_id_project FOREIGN KEY(target_id) REFERENCES project (id) ON DELETE CASCADE
);

CREATE INDEX ix_relation_target_id ON relation (target_id);

CREATE TABLE session (
	id VARCHAR(64) NOT NULL,
	person_id CHAR(32) NOT NULL,
	created_at DATETIME NOT NULL,
	seen_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	CONSTRAINT pk_session PRIMARY KEY (id),
	CONSTRAINT fk_session_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);

CREATE INDEX ix_session_expires_at ON session (expires_at);

CREATE INDEX ix_session_person_id ON session (person_id);

CREATE TABLE submission (
	id CHAR(32) NOT NULL,
	token VARCHAR(64) NOT NULL,
	reference VARCHAR(12) NOT NULL,
	kind VARCHAR(16) NOT NULL,
	state VARCHAR(16) NOT NULL,
	language VARCHAR(35) NOT NULL,
	email VARCHAR(254),
	person_id CHAR(32),
	project_id CHAR(32),
	organization_id CHAR(32),
	subject VARCHAR(300),
	answers JSON NOT NULL,
	found JSON NOT NULL,
	"before" JSON,
	network VARCHAR(64),
	created_at DATETIME NOT NULL,
	changed_at DATETIME NOT NULL,
	sent_at DATETIME,
	decided_at DATETIME,
	reviewed_at DATETIME,
	reported_at DATETIME,
	expires_at DATETIME,
	CONSTRAINT pk_submission PRIMARY KEY (id),
	CONSTRAINT uq_submission_token UNIQUE (token),
	CONSTRAINT uq_submission_reference UNIQUE (reference),
	CONSTRAINT fk_submission_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE SET NULL
);

CREATE INDEX ix_submission_email ON submission (email);

CREATE INDEX ix_submission_expires_at ON submission (expires_at);

CREATE INDEX ix_submission_organization_id ON submission (organization_id);

CREATE INDEX ix_submission_person_id ON submission (person_id);

CREATE INDEX ix_submission_project_id ON submission (project_id);

CREATE INDEX ix_submission_state_sent_at ON submission (state, sent_at);

CREATE INDEX ix_submission_subject ON submission (subject);

CREATE TABLE unnamed_adopters (
	project_id CHAR(32) NOT NULL,
	least INTEGER NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_unnamed_adopters PRIMARY KEY (project_id),
	CONSTRAINT fk_unnamed_adopters_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);

CREATE TABLE verification (
	id CHAR(32) NOT NULL,
	person_id CHAR(32) NOT NULL,
	kind VARCHAR(16) NOT NULL,
	record_id CHAR(32) NOT NULL,
	method VARCHAR(16) NOT NULL,
	nonce VARCHAR(64) NOT NULL,
	state VARCHAR(16) NOT NULL,
	language VARCHAR(35) NOT NULL,
	created_at DATETIME NOT NULL,
	asked_at DATETIME,
	checked_at DATETIME,
	verified_at DATETIME,
	seen_at DATETIME,
	lost_at DATETIME,
	detail JSON NOT NULL,
	reason VARCHAR(32),
	CONSTRAINT pk_verification PRIMARY KEY (id),
	CONSTRAINT uq_verification_person_id_kind_record_id_method UNIQUE (person_id, kind, record_id, method),
	CONSTRAINT fk_verification_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE,
	CONSTRAINT uq_verification_nonce UNIQUE (nonce)
);

CREATE INDEX ix_verification_kind_record_id ON verification (kind, record_id);

CREATE TABLE "case" (
	id INTEGER NOT NULL,
	source VARCHAR(16) NOT NULL,
	from_people BOOLEAN NOT NULL,
	kind VARCHAR(32) NOT NULL,
	submission_id CHAR(32),
	subject_id CHAR(32),
	other_id CHAR(32),
	"key" VARCHAR(200) NOT NULL,
	payload JSON NOT NULL,
	state VARCHAR(8) NOT NULL,
	outcome VARCHAR(16),
	since DATETIME NOT NULL,
	asked_at DATETIME,
	closed_at DATETIME,
	CONSTRAINT pk_case PRIMARY KEY (id),
	CONSTRAINT uq_case_kind_subject_id_key UNIQUE (kind, subject_id, "key"),
	CONSTRAINT uq_case_submission_id UNIQUE (submission_id),
	CONSTRAINT fk_case_submission_id_submission FOREIGN KEY(submission_id) REFERENCES submission (id) ON DELETE CASCADE
);

CREATE INDEX ix_case_open ON "case" (from_people, since, id) WHERE state = 'open';

CREATE INDEX ix_case_other_id ON "case" (other_id);

CREATE INDEX ix_case_subject_id ON "case" (subject_id);

CREATE TABLE question (
	id CHAR(32) NOT NULL,
	reference VARCHAR(12) NOT NULL,
	project_id CHAR(32),
	organization_id CHAR(32),
	call_id CHAR(32),
	to_maintainers BOOLEAN NOT NULL,
	state VARCHAR(16) NOT NULL,
	language VARCHAR(35) NOT NULL,
	text TEXT,
	answer TEXT,
	reports JSON,
	removed_at DATETIME,
	read_token VARCHAR(64),
	person_id CHAR(32),
	at DATETIME NOT NULL,
	relayed_at DATETIME,
	ended_at DATETIME,
	CONSTRAINT pk_question PRIMARY KEY (id),
	CONSTRAINT uq_question_reference UNIQUE (reference),
	CONSTRAINT fk_question_call_id_call FOREIGN KEY(call_id) REFERENCES call (id) ON DELETE SET NULL,
	CONSTRAINT uq_question_read_token UNIQUE (read_token),
	CONSTRAINT fk_question_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE SET NULL
);

CREATE INDEX ix_question_call_id ON question (call_id);

CREATE INDEX ix_question_organization_id_relayed_at ON question (organization_id, relayed_at);

CREATE INDEX ix_question_person_id ON question (person_id);

CREATE INDEX ix_question_project_id ON question (project_id);

CREATE INDEX ix_question_state_at ON question (state, at);

CREATE TABLE remark (
	id INTEGER NOT NULL,
	submission_id CHAR(32) NOT NULL,
	at DATETIME NOT NULL,
	voice VARCHAR(16) NOT NULL,
	text TEXT NOT NULL,
	CONSTRAINT pk_remark PRIMARY KEY (id),
	CONSTRAINT fk_remark_submission_id_submission FOREIGN KEY(submission_id) REFERENCES submission (id) ON DELETE CASCADE
);

CREATE INDEX ix_remark_submission_id ON remark (submission_id);

CREATE TABLE question_link (
	token VARCHAR(64) NOT NULL,
	question_id CHAR(32) NOT NULL,
	person_id CHAR(32) NOT NULL,
	CONSTRAINT pk_question_link PRIMARY KEY (token),
	CONSTRAINT fk_question_link_question_id_question FOREIGN KEY(question_id) REFERENCES question (id) ON DELETE CASCADE,
	CONSTRAINT fk_question_link_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);

CREATE INDEX ix_question_link_person_id ON question_link (person_id);

CREATE INDEX ix_question_link_question_id ON question_link (question_id);
