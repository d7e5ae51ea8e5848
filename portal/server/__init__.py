"""Running the portal: the production server, migrations, backup, verification."""
