"""What those see who run a site: is it ready, how does it do, what is wrong, an orderly end."""
