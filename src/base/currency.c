/* What the signs and codes of currency in an amount's cell can stand for. */
#include <string.h>

#include "casebook/money.h"

/* The likeliest code first. */
static const struct {
    const char *sign, *codes;
} table[] = {
    {"$", "USD CAD AUD NZD SGD HKD MXN ARS BBD BMD BND BRL BSD BZD CLP COP CUP CVE DOP FJD GYD JMD "
          "KYD LRD MOP NAD NIO SBD SRD TOP TTD TWD UYU WST XCD"},
    {"US$", "USD"},
    {"CA$", "CAD"},
    {"C$", "CAD NIO"},
    {"AU$", "AUD"},
    {"A$", "AUD"},
    {"NZ$", "NZD"},
    {"HK$", "HKD"},
    {"S$", "SGD"},
    {"R$", "BRL"},
    {"€", "EUR"},
    {"£", "GBP EGP FKP GIP LBP SDG SHP SSP SYP"},
    {"₤", "GBP EGP FKP GIP LBP SDG SHP SSP SYP"},
    {"¥", "JPY CNY"},
    {"RMB", "CNY"},
    {"CNH", "CNY"},
    {"kr", "SEK NOK DKK ISK"},
    {"kr.", "DKK ISK SEK NOK"},
    {"Rs", "INR PKR LKR NPR MUR SCR"},
    {"Rs.", "INR PKR LKR NPR MUR SCR"},
    {"₨", "INR PKR LKR NPR MUR SCR"},
    {"₹", "INR"},
    {"Fr.", "CHF"},
    {"zł", "PLN"},
    {"Kč", "CZK"},
    {"฿", "THB"},
    {"₡", "CRC SVC"},
    {"₦", "NGN"},
    {"₩", "KRW KPW"},
    {"₪", "ILS"},
    {"₫", "VND"},
    {"₭", "LAK"},
    {"₮", "MNT"},
    {"₱", "PHP CUP"},
    {"₲", "PYG"},
    {"₴", "UAH"},
    {"₵", "GHS"},
    {"₸", "KZT"},
    {"₺", "TRY"},
    {"₼", "AZN"},
    {"₽", "RUB"},
    {"₾", "GEL"},
};

bool cb_currency_is_code(cb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < 'A' || text.at[i] > 'Z')
            return false;
    return text.len == 3;
}

cb_str cb_currency_codes(cb_str sign)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (cb_str_eq(sign, cb_str_of(table[i].sign)))
            return cb_str_of(table[i].codes);
    return cb_currency_is_code(sign) ? sign : CB_LIT("");
}

static bool has_code(cb_str codes, const char *code)
{
    for (size_t i = 0; i + 3 <= codes.len; i += 4)
        if (!memcmp(codes.at + i, code, 3))
            return true;
    return false;
}

bool cb_currency_agree(cb_str sign, cb_str other)
{
    cb_str a = cb_currency_codes(sign);
    cb_str b = cb_currency_codes(other);
    for (size_t i = 0; i + 3 <= a.len; i += 4)
        if (has_code(b, a.at + i))
            return true;
    return a.len == 0 || b.len == 0;
}
