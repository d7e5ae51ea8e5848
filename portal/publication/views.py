from flask import Blueprint

bp = Blueprint("publication", __name__, template_folder="templates")
