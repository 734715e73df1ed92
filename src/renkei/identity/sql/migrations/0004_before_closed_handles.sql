-- A handle may be closed: a death, or another pid in its place.
ALTER TABLE identity_handle ADD COLUMN closed_at timestamptz;
GRANT UPDATE (closed_at) ON identity_handle TO renkei_application;
