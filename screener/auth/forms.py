"""The forms that staff sign in with."""

from wtforms import HiddenField
from wtforms import PasswordField
from wtforms import StringField
from wtforms.validators import InputRequired

from screener.web.forms import AccessibleForm


class SignInForm(AccessibleForm):
    """An address and a password, and the request that waits for the sign-in."""

    held = HiddenField()
    email = StringField(
        "Email address",
        validators=[InputRequired("Enter your email address.")],
        render_kw={
            "inputmode": "email",
            "maxlength": 254,
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )
    password = PasswordField(
        "Password",
        validators=[InputRequired("Enter your password.")],
        render_kw={"maxlength": 200, "autocomplete": "current-password"},
    )
