-- name: see
INSERT INTO exchange_seen (tenant, keyid, nonce, request_id, seen_at)
VALUES (%(tenant)s, %(keyid)s, %(nonce)s, %(request_id)s, %(at)s)
ON CONFLICT (tenant, keyid, nonce) DO NOTHING;

-- name: use
INSERT INTO exchange_request (tenant, client, request_id, used_at)
VALUES (%(tenant)s, %(client)s, %(request_id)s, %(at)s)
ON CONFLICT (tenant, client, request_id) DO NOTHING;

-- name: forget_seen
DELETE FROM exchange_seen WHERE tenant = %(tenant)s AND seen_at < %(before)s;

-- name: forget_requests
DELETE FROM exchange_request WHERE tenant = %(tenant)s AND used_at < %(before)s;
