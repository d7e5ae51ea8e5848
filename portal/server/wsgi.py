"""What the production server loads."""

from config import read_environment
from portal import create_app
from portal.server.serving import require_safe

require_safe(read_environment())
app = create_app()
