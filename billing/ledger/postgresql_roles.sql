-- Four roles of PostgreSQL, each with no more than it needs. Run it as the database's owner, who may
-- make roles, in the database of the site; and again after every upgrade that migrates it. The owner
-- alone migrates, and so alone may change or drop a trigger. People's logins are members of the rest.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['jeongsan_reader', 'jeongsan_night', 'jeongsan_closer'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = name) THEN
      EXECUTE 'CREATE ROLE ' || quote_ident(name) || ' NOLOGIN';
    END IF;
  END LOOP;
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, jeongsan_reader, jeongsan_night, jeongsan_closer;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, jeongsan_reader, jeongsan_night, jeongsan_closer;
GRANT USAGE ON SCHEMA public TO jeongsan_reader, jeongsan_night, jeongsan_closer;

-- Auditors and reports read everything, and write nothing.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO jeongsan_reader, jeongsan_night, jeongsan_closer;

-- The night (collect, meter, quota) writes what is made of sources, and no money.
GRANT INSERT, UPDATE, DELETE ON
  manifest_head, watermark, source_input, finding, quota_alarm
  TO jeongsan_night, jeongsan_closer;

-- The closer (load, decisions, drafts, issue, corrections, payments, settlements) adds what is kept
-- for good, and changes only what is not.
GRANT INSERT, UPDATE, DELETE ON
  registry_in_force, device_shard, acknowledgement, waived_day, announced_day, restatement,
  draft_record, adjustment_draft
  TO jeongsan_closer;
GRANT INSERT, UPDATE ON month_state, invoice_number_series TO jeongsan_closer;
GRANT INSERT ON
  registry, audit_trail, bundle, invoice, claim, posting, number_register,
  adjustment, adjusted_month, claim_restatement,
  bank_file, bank_line, bank_line_decision, payment, payment_use, payment_posting,
  grant_entry, grant_filing
  TO jeongsan_closer;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO jeongsan_closer;
