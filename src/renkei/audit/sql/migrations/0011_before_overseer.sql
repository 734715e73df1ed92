-- The oversight body's connections: they read, and nothing else. Of what waits, only how much.
GRANT SELECT ON audit_entry, audit_head, audit_tile, audit_checkpoint, audit_map_tile, audit_epoch,
    audit_output_tile, audit_output_checkpoint, audit_reconciliation, audit_shard, audit_closing,
    audit_pruning TO renkei_overseer;
GRANT SELECT (tenant) ON audit_outbox TO renkei_overseer;
