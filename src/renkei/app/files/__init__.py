"""Questions by file (ファイル連携): folders and buckets, manifests, answers."""
