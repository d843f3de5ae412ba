"""The forms around signing in, one's own account and the team."""

from collections.abc import Callable
from typing import Any

from wtforms import HiddenField
from wtforms import PasswordField
from wtforms import SelectField
from wtforms import StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired
from wtforms.validators import ValidationError

from screener.auth.flask_security import LONGEST
from screener.auth.flask_security import SHORTEST
from screener.auth.flask_security import fault_of_password
from screener.errors import UserError
from screener.staff import accounts
from screener.staff.labels import ROLE_DESCRIPTIONS
from screener.staff.models import COORDINATOR
from screener.web.forms import AccessibleForm
from screener.web.forms import CheckboxesField

EMAIL = {"maxlength": 254, "autocapitalize": "none", "spellcheck": "false"}
ONE_TIME_CODE = {
    "class": "short",
    "maxlength": 40,
    "autocomplete": "one-time-code",
    "autocapitalize": "none",
    "spellcheck": "false",
}


class ResumeForm(AccessibleForm):
    """A form that carries the request which waits for a sign-in, signed."""

    held = HiddenField()


class SignInForm(ResumeForm):
    """An address and a password."""

    email = StringField(
        "Email address",
        validators=[InputRequired("Enter your email address.")],
        render_kw={**EMAIL, "inputmode": "email", "autocomplete": "username"},
    )
    password = PasswordField(
        "Password",
        validators=[InputRequired("Enter your password.")],
        render_kw={"maxlength": 200, "autocomplete": "current-password"},
    )


class CodeForm(ResumeForm):
    """A code of the second factor that is set up, or a recovery code."""

    code = StringField(
        "Code, or one of your recovery codes",
        validators=[InputRequired("Enter the code from your app.")],
        render_kw=ONE_TIME_CODE,
    )


class NewSecondFactorForm(ResumeForm):
    """The first code of an authenticator app, which proves that the app has the secret."""

    code = StringField(
        "Six-digit code",
        validators=[InputRequired("Enter the code from your app.")],
        render_kw={**ONE_TIME_CODE, "inputmode": "numeric"},
    )


class FreshSignInForm(ResumeForm):
    """A password or a code once more, before something that wants a fresh sign-in."""

    proof = PasswordField(
        "Password",
        validators=[InputRequired("Enter your password.")],
        render_kw={"maxlength": 200, "autocomplete": "current-password"},
    )


class NewPasswordForm(AccessibleForm):
    """A new password for the account of *email*."""

    password = PasswordField(
        "New password",
        validators=[InputRequired("Enter a new password.")],
        description=f"At least {SHORTEST} characters. A few words in a row are good.",
        render_kw={"minlength": SHORTEST, "maxlength": LONGEST, "autocomplete": "new-password"},
    )

    def __init__(self, *, email: str, name: str, **options: Any) -> None:
        super().__init__(**options)
        self.email = email
        self.name = name

    def validate_password(self, field: Any) -> None:
        if fault := fault_of_password(field.data, email=self.email, name=self.name):
            raise ValidationError(fault)


def parsed_by(parse: Callable[[Any], object]) -> Callable[[Any, Any], None]:
    """A validator: what *parse* raises a *UserError* for is an error of the field."""

    def validate(form: Any, field: Any) -> None:
        try:
            parse(field.data)
        except UserError as fault:
            raise ValidationError(str(fault)) from None

    return validate


class PersonForm(AccessibleForm):
    """Who is invited."""

    name = StringField(
        "Name, as colleagues use it",
        validators=[parsed_by(accounts.name_of)],
        render_kw={"maxlength": accounts.LONGEST_NAME, "autocomplete": "off", "required": True},
    )
    email = StringField(
        "Email address",
        validators=[parsed_by(accounts.address_of)],
        render_kw={**EMAIL, "type": "email", "autocomplete": "off", "required": True},
    )


class RightsForm(AccessibleForm):
    """What a member of the team may do, and the languages in which they can hold a call."""

    role = CheckboxesField(
        "Roles",
        choices=[SelectChoice(role, words) for role, words in ROLE_DESCRIPTIONS.items()],
        default=[COORDINATOR],
        validators=[parsed_by(accounts.roles_of)],
        validate_choice=False,
    )
    languages = StringField(
        "Languages for calls, as codes",
        default="en",
        validators=[parsed_by(lambda text: accounts.languages_of(languages_in(text)))],
        description="For example: en es. Codes on the form: en (English), es (Spanish), yue (Cantonese), "
        "cmn (Mandarin), fil (Filipino), vi (Vietnamese), ase (American Sign Language).",
        render_kw={"class": "short", "maxlength": 60, "autocomplete": "off", "spellcheck": "false"},
    )

    def rights(self) -> accounts.Rights:
        """The roles and languages of a valid form."""
        return accounts.rights_of(self.role.data, languages_in(self.languages.data))


class InviteForm(PersonForm, RightsForm):
    """An invitation to the team."""


class DisableForm(AccessibleForm):
    """Who takes over the open follow-ups of a member whose account is disabled."""

    heir = SelectField(
        "Open follow-ups go to",
        invalid_choice_message="Choose another coordinator who has accepted their invitation.",
    )

    def offer(self, heirs: list[tuple[str, str]], open_items: int) -> None:
        """Set the colleagues to choose from, as (account id, name)."""
        nobody = SelectChoice("", "nobody: new ones are assigned again, the others wait to be claimed")
        self.heir.label.text = f"Open follow-ups ({open_items}) go to"
        self.heir.choices = [nobody, *(SelectChoice(account_id, name) for account_id, name in heirs)]


def languages_in(text: str | None) -> list[str]:
    """The language codes in what was typed, separated by spaces or commas."""
    return (text or "").replace(",", " ").split()
