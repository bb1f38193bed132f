extension Unicode.Scalar {
    /// Whether the Rust library `tokenizers` (0.23) knows this scalar.
    ///
    /// Its patterns use Unicode 16.0. The standard library may be newer (Swift 6.3 has 17.0, with 4 657 more
    /// letters and numbers); scalars that came later are unassigned there, and must be here, or ids would
    /// differ. A comparison of all scalars finds no other difference; the parity tests repeat it.
    var isKnownToReference: Bool {
        guard let age = properties.age else { return true }
        return age.major <= 16
    }
}
