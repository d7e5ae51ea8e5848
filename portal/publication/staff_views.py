from flask import Blueprint

bp = Blueprint("releases", __name__, template_folder="templates")
