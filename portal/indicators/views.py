from flask import Blueprint

bp = Blueprint("indicators", __name__, template_folder="templates")
