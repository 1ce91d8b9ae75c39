"""Networks as scikit-learn's estimators: `NetClassifier` and `NetRegressor`.

They need scikit-learn 1.6 or newer: `pip install "autograd-lite[sklearn]"`.
"""

try:
    from sklearn.utils.validation import validate_data as _of_1_6  # noqa: F401  # which 1.6 brought
except ImportError as error:
    message = (
        f"autograd_lite.sklearn: needs scikit-learn 1.6 or newer ({error});"
        ' install it with: pip install "autograd-lite[sklearn]"'
    )
    raise ImportError(message) from error

from autograd_lite.sklearn.classifier import NetClassifier as NetClassifier
from autograd_lite.sklearn.regressor import NetRegressor as NetRegressor
