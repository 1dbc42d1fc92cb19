//! Fixed point against text and against each other.

use proptest::prelude::*;
use tradewire_core::units::{Fixed, Wide};

#[test]
fn texts_come_back_letter_by_letter() {
    for text in [
        "0",
        "0.00",
        "1",
        "1.50",
        "-7",
        "-0.5",
        "30000.10",
        "9223372036854775807",
        "0.000000000000000001",
    ] {
        assert_eq!(Fixed::parse(text.as_bytes()).expect(text).to_string(), text);
        assert_eq!(Wide::parse(text.as_bytes()).expect(text).to_string(), text);
    }
    for text in [
        "170141183460469231731.687303715884105727",
        "-170141183460469231731.687303715884105728",
        "0.00000000000000000001",
        "123456789012345678.12345678901234567890",
    ] {
        assert_eq!(Wide::parse(text.as_bytes()).expect(text).to_string(), text);
        assert!(
            Fixed::parse(text.as_bytes()).is_err(),
            "{text} does not fit 64 bits"
        );
    }
}

#[test]
fn what_is_no_decimal_is_refused() {
    let texts = [
        "", "-", "+1", "01", "-01", ".5", "5.", "1e3", "1E3", " 1", "1 ", "1,5", "0x1", "NaN", "Infinity",
        "--1", "1.2.3", "-0", "-0.0", "\u{0661}", "1\n", "1_000",
    ];
    for text in texts {
        assert!(Fixed::parse(text.as_bytes()).is_err(), "{text:?}");
        assert!(Wide::parse(text.as_bytes()).is_err(), "{text:?}");
    }
    assert!(Fixed::parse(b"\xff").is_err());
    assert!(Wide::parse("1".repeat(40).as_bytes()).is_err());
}

#[test]
fn order_and_equality_are_by_value() {
    let wide = |text: &str| Wide::parse(text.as_bytes()).expect(text);
    assert_eq!(wide("1.5"), wide("1.500"));
    assert!(wide("-170141183460469231731.687303715884105728") < wide("-1"));
    assert!(wide("170141183460469231731687303715884105727") > wide("0.00000000000000000001"));
}

proptest! {
    #[test]
    fn mantissa_and_scale_say_the_same(mantissa in any::<i64>(), scale in 0_u8..=18) {
        let value = Fixed::new(mantissa, scale).expect("in range");
        let text = value.to_string();
        let again = Fixed::parse(text.as_bytes()).expect("our own text");
        prop_assert_eq!((again.mantissa(), again.scale()), (mantissa, scale));
        prop_assert_eq!(Wide::from(value).to_string(), text);
    }

    #[test]
    fn order_is_that_of_integers_at_a_common_scale(
        a in any::<i64>(), scale_a in 0_u8..=18, b in any::<i64>(), scale_b in 0_u8..=18,
    ) {
        let at_18 = |mantissa: i64, scale: u8| i128::from(mantissa) * 10_i128.pow(u32::from(18 - scale));
        let (x, y) = (Fixed::new(a, scale_a).expect("in range"), Fixed::new(b, scale_b).expect("in range"));
        prop_assert_eq!(x.cmp(&y), at_18(a, scale_a).cmp(&at_18(b, scale_b)));
        prop_assert_eq!(Wide::from(x).cmp(&Wide::from(y)), x.cmp(&y));
    }

    #[test]
    fn sums_and_products_are_exact_or_refused(
        a in -1_000_000_000_000_i64..1_000_000_000_000, scale_a in 0_u8..=9,
        b in -1_000_000_000_000_i64..1_000_000_000_000, scale_b in 0_u8..=9,
    ) {
        let (x, y) = (Fixed::new(a, scale_a).expect("in range"), Fixed::new(b, scale_b).expect("in range"));
        let at_9 = |mantissa: i64, scale: u8| i128::from(mantissa) * 10_i128.pow(u32::from(9 - scale));
        let sum = Wide::from(x).checked_add(y.into()).expect("fits 128 bits").rescale(9).expect("fits");
        prop_assert_eq!(sum.mantissa(), at_9(a, scale_a) + at_9(b, scale_b));
        if let Ok(narrow) = x.checked_add(y) {
            prop_assert_eq!(Wide::from(narrow), sum);
        }
        let product = x.wide_mul(y);
        prop_assert_eq!((product.mantissa(), product.scale()), (i128::from(a) * i128::from(b), scale_a + scale_b));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
        if let Ok(value) = Wide::parse(text.as_bytes()) {
            prop_assert_eq!(value.to_string(), text);
        }
    }
}

proptest! {
    /// The grammar is JSON's number without exponent and without a negative zero; serde judges.
    #[test]
    fn spelling_is_that_of_json(text in "-?[0-9]{0,3}\\.?[0-9]{0,3}|[-0-9.]{0,18}") {
        let number = serde_json::from_str::<f64>(&text);
        let is_decimal = number.is_ok_and(|number| number != 0.0 || !text.starts_with('-'));
        for read in [Fixed::parse(text.as_bytes()).map(|value| value.to_string()),
                     Wide::parse(text.as_bytes()).map(|value| value.to_string())] {
            match read {
                Ok(again) => prop_assert!(is_decimal && again == text, "{} {}", text, again),
                Err(error) => prop_assert!(!is_decimal, "{} {}", text, error),
            }
        }
    }

    #[test]
    fn floats_are_the_nearest(mantissa in -(1_i64 << 53)..1 << 53, scale in 0_u8..=18) {
        let value = Fixed::new(mantissa, scale).expect("a small scale");
        let nearest: f64 = value.to_string().parse().expect("a decimal");
        // The sign of zero aside, which fixed point does not have, bit for bit.
        prop_assert_eq!(value.to_f64().to_bits(), nearest.to_bits());
    }
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let fixed = |text: &str| Fixed::parse(text.as_bytes()).expect(text);
    let wide = |text: &str| Wide::parse(text.as_bytes()).expect(text);
    assert_eq!(fixed("1.50").rescale(1).expect("a zero goes").to_string(), "1.5");
    assert_eq!(
        fixed("1.55").rescale(1).expect_err("a five would go").kind(),
        "digits_lost"
    );
    assert_eq!(
        wide("1.55").rescale(1).expect_err("a five would go").kind(),
        "digits_lost"
    );
    assert_eq!(
        fixed("10").rescale(18).expect_err("20 digits").kind(),
        "number_too_large"
    );
    assert_eq!(
        fixed("1").rescale(19).expect_err("19 decimals").kind(),
        "too_many_decimals"
    );
    assert_eq!(
        fixed("9223372036854775807")
            .checked_add(fixed("1"))
            .expect_err("64 bits")
            .kind(),
        "number_too_large"
    );
    assert_eq!(
        Wide::new(i128::MIN, 0)
            .expect("whole")
            .checked_sub(wide("1"))
            .expect_err("128 bits")
            .kind(),
        "number_too_large"
    );
    assert_eq!(
        Fixed::try_from(wide("9223372036854775808"))
            .expect_err("64 bits")
            .kind(),
        "number_too_large"
    );
}

/// What Python's `decimal` makes of the same text, written out: digits, then the exponent.
fn written_out(digits: &str, exponent: i32) -> Option<String> {
    let zeros = usize::try_from(exponent.unsigned_abs()).expect("small");
    let text = if exponent >= 0 {
        format!("{digits}{}", "0".repeat(zeros))
    } else {
        let padded = format!("{digits:0>width$}", width = zeros + 1);
        let (whole, decimals) = padded.split_at(padded.len() - zeros);
        format!("{whole}.{decimals}")
    };
    let whole = text.split_once('.').map_or(&*text, |(whole, _)| whole);
    let bare = whole.trim_start_matches('0');
    let bare = if bare.is_empty() { "0" } else { bare };
    let text = text.replacen(whole, bare, 1);
    Wide::parse(text.as_bytes()).is_ok().then_some(text)
}

proptest! {
    #[test]
    fn every_spelling_has_the_value_of_the_plain_one(digits in "[0-9]{1,20}", exponent in -30_i32..15, mark in "[eE]") {
        let text = format!("{digits}{mark}{exponent}");
        let read = Wide::parse_any_spelling(text.as_bytes());
        if let Some(plain) = written_out(&digits, exponent) {
            prop_assert_eq!(read, Ok(Wide::parse(plain.as_bytes()).expect("plain")), "{} {}", text, plain);
        }
    }
}

#[test]
fn what_is_no_number_in_any_spelling_is_refused() {
    for text in [
        "", "+", "e3", "1e", "1e+", "1E0001", "1.e3", ".5", "1e3 ", "0x1", "1_0", "NaN", "1e38e1", "--1",
    ] {
        assert!(Wide::parse_any_spelling(text.as_bytes()).is_err(), "{text}");
    }
    for text in [
        "1e39",
        "2e38",
        "1e-39",
        "123456789012345678901234567890123456789012",
    ] {
        assert!(Wide::parse_any_spelling(text.as_bytes()).is_err(), "{text}");
    }
    let zero = Wide::parse_any_spelling(b"0e999").expect("zero");
    assert!(zero.is_zero() && Wide::parse_any_spelling(b"0E-999").is_ok_and(Wide::is_zero));
    assert_eq!(
        Wide::parse_any_spelling(b"1.50E+1").map(|value| value.to_string()),
        Ok("15.0".to_owned())
    );
}
